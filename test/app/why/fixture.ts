import { noMetrics, silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { whyEach, type WhyOptions } from '../../../src/app/why/why.js';
import type { WhyAnswer } from '../../../src/app/why/fate.js';
import { openParts } from '../../../src/app/wire.js';
import type { Application } from '../fixture.js';

/** Asks an application's topics what became of some ids. */
export async function ask(
  application: Application,
  ids: readonly string[],
  options: WhyOptions = {},
  onRead: (count: number) => void = () => undefined,
): Promise<Omit<WhyAnswer, 'id'>> {
  const { config } = application;
  const deps = { logger: silentLogger, clock: systemClock, metrics: noMetrics };
  const parts = await openParts(config, deps);
  try {
    return await application.withTransport((transport) =>
      whyEach({ ...deps, config, transport, parts, signal: new AbortController().signal, onRead }, ids, options),
    );
  } finally {
    await parts.close();
  }
}
