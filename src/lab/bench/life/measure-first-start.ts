import type { Clock } from '../../../ports/clock.js';
import type { Measurement } from '../measurement.js';
import type { Instance, Instances } from './instances.js';

const PARTITIONS = [1, 16, 64, 256];
const AT_ONCE = [1, 3];
const REPETITIONS = 3;
const WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 100;
/** What goes wrong goes wrong soon after everything stands. */
const WATCHED_MS = 3_000;

/** What the first start works with: a broker that has never been used, each time. */
export interface FreshStarts {
  readonly onFreshBroker: <T>(
    name: string,
    partitions: number,
    work: (instances: Instances) => Promise<T>,
  ) => Promise<T>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Starts on fresh brokers that end with an exit, or with a line at warn or above in a log. */
export async function measureFirstStart({ onFreshBroker, clock, signal, say }: FreshStarts): Promise<Measurement> {
  const details: Record<string, number> = {};
  let [starts, troubled] = [0, 0];
  for (let repetition = 0; repetition < REPETITIONS; repetition++)
    for (const partitions of PARTITIONS)
      for (const atOnce of AT_ONCE) {
        const name = `of${partitions}by${atOnce}`;
        const beganMs = clock.monotonicMs();
        const troubles = await onFreshBroker(`${name}n${repetition}`, partitions, (instances) =>
          start(instances, partitions, atOnce),
        );
        starts++;
        if (troubles.length > 0) troubled++;
        details[name] = (details[name] ?? 0) + (troubles.length > 0 ? 1 : 0);
        const seconds = ((clock.monotonicMs() - beganMs) / 1000).toFixed(1);
        say(`  ${partitions} partitions, ${atOnce} at once: ${troubles[0] ?? `calm`} (${seconds} s)`);
      }
  return {
    value: troubled,
    unit: 'first starts with an exit or a warning',
    details: { ...details, starts },
    profile: null,
  };

  async function start(instances: Instances, partitions: number, atOnce: number): Promise<string[]> {
    const all = Array.from({ length: atOnce }, () => instances.start());
    const troubles = await untilRestored(all, partitions);
    if (troubles.length === 0) await clock.sleep(WATCHED_MS, signal);
    // Before it is told to end, which it says.
    const complaints = all.flatMap((each) => [...each.complaints]);
    const ends = await instances.stop();
    const exits = ends
      .filter(({ status }) => status !== 0)
      .map(({ status, lastWords }) => `exit ${status}: ${lastWords}`);
    return [...troubles, ...complaints, ...exits];
  }

  async function untilRestored(all: readonly Instance[], partitions: number): Promise<string[]> {
    const deadlineMs = clock.monotonicMs() + WITHIN_MS;
    while (clock.monotonicMs() < deadlineMs) {
      signal.throwIfAborted();
      const ended = all.find(({ hasEnded }) => hasEnded);
      if (ended) return [`an instance ended: ${(await ended.ended).lastWords}`];
      if (new Set(all.flatMap(({ restored }) => [...restored])).size === partitions) return [];
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    return [`not every partition was restored within ${WITHIN_MS} ms`];
  }
}
