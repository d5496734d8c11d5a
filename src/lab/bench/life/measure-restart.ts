import { median } from '../in-turns.js';
import type { Measurement } from '../measurement.js';
import { Commits } from './commits.js';
import { openWorld } from './world.js';
import type { Instance } from './instances.js';
import type { Stage } from './stage.js';

const ROUNDS = 3;
const IMPRESSIONS_PER_SECOND = 100;
/** More than the default window: as much is open as there ever is. */
const PAST_MS = 35 * 60_000;
const WITHIN_MS = 300_000;

/**
 * Seconds from kill −9, and from SIGTERM, to the first commit of the process that is started when the old one is gone: one
 * instance, traffic in real time, a full window of impressions open.
 */
export async function measureRestart({ instances, transport, clock, signal, say }: Stage): Promise<Measurement> {
  const commits = new Commits(transport, clock, signal);
  const world = openWorld(transport, clock, { impressionsPerSecond: IMPRESSIONS_PER_SECOND, pastMs: PAST_MS });
  say(`  ${await world.catchUp()} events of the last ${PAST_MS / 60_000} minutes sent`);
  const over = new AbortController();
  let instance = instances.start();
  const living = world.live(over.signal);
  const took = { kill: [] as Took[], planned: [] as Took[] };
  try {
    await commits.caughtUp(WITHIN_MS);
    say('  caught up');
    // Some checkpoints, a champion, and what else a settled process has.
    await clock.sleep(SETTLE_MS, signal);
    for (let round = 0; round < ROUNDS; round++) {
      for (const how of ['kill', 'planned'] as const) {
        const { next, ...each } = await restart(instance, how);
        took[how].push(each);
        instance = next;
        const texts = Object.entries(each).map(
          ([name, ms]) => `${name.replace(/Ms$/, '')} ${(ms / 1000).toFixed(2)} s`,
        );
        say(`  ${how}: ${texts.join(', ')}`);
        await commits.caughtUp(WITHIN_MS);
        await clock.sleep(BETWEEN_MS, signal);
      }
    }
  } finally {
    over.abort();
    await living;
    await instances.stop();
  }
  const seconds = (how: keyof typeof took, name: keyof Took): number =>
    median(took[how].map((each) => each[name])) / 1000;
  return {
    value: seconds('kill', 'firstMs'),
    unit: 's from kill −9 to the first commit',
    details: {
      killToEveryPartition: seconds('kill', 'everyMs'),
      plannedToFirst: seconds('planned', 'firstMs'),
      plannedToEveryPartition: seconds('planned', 'everyMs'),
      drain: seconds('planned', 'endedMs'),
      rounds: ROUNDS,
      partitions: instances.config.topics.partitions,
    },
    profile: null,
  };

  async function restart(old: Instance, how: 'kill' | 'planned'): Promise<Took & { readonly next: Instance }> {
    const beganMs = clock.monotonicMs();
    if (how === 'kill') old.kill();
    else old.terminate();
    await old.ended;
    const endedMs = clock.monotonicMs();
    const before = await commits.now();
    const next = instances.start();
    const { firstMs, allMs } = await commits.after(before, WITHIN_MS);
    return { next, endedMs: endedMs - beganMs, firstMs: firstMs - beganMs, everyMs: allMs - beganMs };
  }
}

const SETTLE_MS = 60_000;
const BETWEEN_MS = 10_000;

/** Times since the signal. */
interface Took {
  /** The old process is gone. */
  readonly endedMs: number;
  /** The new one has committed. */
  readonly firstMs: number;
  /** It has committed every partition. */
  readonly everyMs: number;
}
