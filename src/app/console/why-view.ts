import { noMetrics } from '../../adapters/memory/index.js';
import type { WhyView } from '../../console/why-api.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Opened } from '../run-watcher.js';
import { headOf, neverArrived, sentencesOf } from '../why/sentences.js';
import { why } from '../why/why.js';
import { openParts } from '../wire.js';

/** Fates that are shown. */
const MOST_FATES = 50;

/**
 * What `sluice why` says, asked of the run's own topics. The re-read has parts of its own, so that nothing of it is counted.
 * @throws what {@link why} throws
 */
export async function whyView(
  { config, transport }: Opened,
  id: string,
  signal: AbortSignal,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<WhyView> {
  signal.throwIfAborted();
  const parts = await openParts(config, { logger, clock, metrics: noMetrics });
  try {
    const deps = { config, transport, parts, clock, logger, signal, onRead: () => undefined };
    const answer = await why(deps, id);
    return {
      id,
      fates: answer.fates.slice(0, MOST_FATES).map((one) => ({ head: headOf(one), sentences: sentencesOf(one) })),
      never: answer.fates.length === 0 ? neverArrived(answer) : [],
    };
  } finally {
    await parts.close();
  }
}
