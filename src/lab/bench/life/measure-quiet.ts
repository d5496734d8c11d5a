import { readFileSync } from 'node:fs';
import type { Clock } from '../../../ports/clock.js';
import type { Measurement } from '../measurement.js';
import { Commits } from './commits.js';
import { openWorld } from './world.js';
import type { Stage } from './stage.js';

const SETTLE_MS = 20_000;
const MEASURED_MS = 30_000;
const IMPRESSIONS_PER_SECOND = 200;
const WITHIN_MS = 120_000;

/** Share of a core that an instance takes without any input, and at 200 impressions/s. Linux alone tells it. */
export async function measureQuiet({ instances, transport, clock, signal, say }: Stage): Promise<Measurement> {
  const commits = new Commits(transport, clock, signal);
  const instance = instances.start();
  const over = new AbortController();
  let living = Promise.resolve();
  try {
    await instance.joined;
    await clock.sleep(SETTLE_MS, signal);
    const idle = await share(instance.pid, clock, signal);
    say(`  idle: ${idle.toFixed(4)} cores`);
    const world = openWorld(transport, clock, { impressionsPerSecond: IMPRESSIONS_PER_SECOND, pastMs: 0 });
    const before = await commits.now();
    living = world.live(over.signal);
    await commits.after(before, WITHIN_MS);
    // Its texts are new at first.
    await clock.sleep(2 * SETTLE_MS, signal);
    const busy = await share(instance.pid, clock, signal);
    say(`  at ${IMPRESSIONS_PER_SECOND} impressions/s: ${busy.toFixed(4)} cores`);
    return {
      value: idle,
      unit: 'cores without input',
      details: { [`coresAt${IMPRESSIONS_PER_SECOND}`]: busy, partitions: instances.config.topics.partitions },
      profile: null,
    };
  } finally {
    over.abort();
    await living;
    await instances.stop();
  }
}

async function share(pid: number, clock: Clock, signal: AbortSignal): Promise<number> {
  const [beganMs, before] = [clock.monotonicMs(), cpuMs(pid)];
  await clock.sleep(MEASURED_MS, signal);
  return (cpuMs(pid) - before) / (clock.monotonicMs() - beganMs);
}

/** Milliseconds a tick of the clock in /proc. */
const TICK_MS = 10;

/** CPU time of a process so far, user and system, from fields 14 and 15 of its stat file. */
function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , ...fields] = text.slice(text.lastIndexOf(')')).split(' ');
  return TICK_MS * (Number(fields[10]) + Number(fields[11]));
}
