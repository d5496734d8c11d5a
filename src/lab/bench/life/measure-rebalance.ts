import type { Measurement } from '../measurement.js';
import { Commits } from './commits.js';
import { openWorld } from './world.js';
import type { Stage } from './stage.js';

const IMPRESSIONS_PER_SECOND = 1_000;
const WITHIN_MS = 300_000;
const SETTLE_MS = 20_000;
const WATCHED_MS = 40_000;

/** Longest times without commits while one instance becomes three, and three become one again, under traffic. */
export async function measureRebalance({ instances, transport, clock, signal, say }: Stage): Promise<Measurement> {
  const commits = new Commits(transport, clock, signal);
  const world = openWorld(transport, clock, { impressionsPerSecond: IMPRESSIONS_PER_SECOND, pastMs: 60_000 });
  await world.catchUp();
  const over = new AbortController();
  instances.start();
  const living = world.live(over.signal);
  try {
    await commits.caughtUp(WITHIN_MS);
    await clock.sleep(SETTLE_MS, signal);
    const steady = await watched('steady', () => undefined);
    const others = [1, 2];
    const joined: ReturnType<typeof instances.start>[] = [];
    const up = await watched('1 → 3', () => joined.push(...others.map(() => instances.start())));
    await commits.caughtUp(WITHIN_MS);
    const down = await watched('3 → 1', () => joined.forEach(({ terminate }) => terminate()));
    return {
      value: Math.max(up.allMs, down.allMs) / 1000,
      unit: 's without any commit in a rebalance',
      details: {
        steadyOfAPartition: steady.worstMs / 1000,
        joining: up.allMs / 1000,
        joiningOfAPartition: up.worstMs / 1000,
        leaving: down.allMs / 1000,
        leavingOfAPartition: down.worstMs / 1000,
        partitions: instances.config.topics.partitions,
      },
      profile: null,
    };
  } finally {
    over.abort();
    await living;
    await instances.stop();
  }

  async function watched(what: string, begin: () => void): Promise<{ allMs: number; worstMs: number }> {
    const end = new AbortController();
    const gaps = commits.gaps(end.signal);
    begin();
    await clock.sleep(WATCHED_MS, signal);
    end.abort();
    const found = await gaps;
    say(
      `  ${what}: none for ${(found.allMs / 1000).toFixed(2)} s, a partition for ${(found.worstMs / 1000).toFixed(2)} s`,
    );
    return found;
  }
}
