import type { Codecs } from '../adapters/avro/index.js';
import { noMetrics } from '../adapters/memory/index.js';
import { onnxModelLoader } from '../adapters/onnx/model.js';
import { createTrainer } from '../adapters/threads/trainer.js';
import { createHash32 } from '../adapters/xxhash/index.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { FitReport } from '../learn/index.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Transport } from '../ports/transport.js';
import { checkChoice, loadOwnCode, pluginChoiceOf } from '../own/index.js';
import { describeFeatures } from './describe.js';
import { withRecordedEncoder } from './encoder-choice.js';
import type { Reasons } from '../snapshot/index.js';
import { openLearning } from './open-learning.js';
import { SeenSamples } from './seen-samples.js';

/** What a fit on command needs. */
export interface RetrainDeps {
  readonly transport: Transport;
  readonly codecs: Codecs;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who asked and why; absent: the decision alone is recorded. */
  readonly asked?: Reasons | undefined;
}

/**
 * Fits now, in this process, from the topics alone, and judges, promotes and publishes as a fit of a run does. A running
 * instance follows to the new champion, and counts the samples to its own next fit from this one. Throws `no-candidate`.
 */
export async function retrainNow({
  transport,
  codecs,
  config: given,
  clock,
  logger,
  asked,
}: RetrainDeps): Promise<FitReport> {
  const config = await withRecordedEncoder(given, transport);
  const { featureSetId, columns } = await describeFeatures(config);
  const ownCode = await loadOwnCode(config);
  checkChoice(config, ownCode);
  const columnNames = columns.map(({ name }) => name);
  const parts = { featureSetId, columnNames, codecs, hash32: await createHash32(), ownCode };
  for (const codec of [codecs.training, codecs.audit]) await codec.ready?.();
  const seen = new SeenSamples();
  await seen.refresh(transport);
  const partitionCount = await transport.partitionCount('impressions');
  const seenBy = Array.from({ length: partitionCount }, (_, partition) => seen.of(partition));
  const trainer = createTrainer({ limits: config.retrain.limits, plugins: pluginChoiceOf(config) });
  let why = 'it was given up';
  const surroundings = { logger, metrics: noMetrics, clock, loader: onnxModelLoader(), untilEnd: true };
  try {
    const { follower, retrainer } = await openLearning(config, parts, transport, trainer, {
      ...surroundings,
      onNoCandidate: (reason) => (why = reason),
    });
    try {
      const report = await retrainer.run(seen.total(), undefined, seenBy, asked);
      if (report === undefined) throw new SluiceError('no-candidate', { why });
      return report;
    } finally {
      await retrainer.close();
      await follower.close();
    }
  } finally {
    await trainer.close();
  }
}
