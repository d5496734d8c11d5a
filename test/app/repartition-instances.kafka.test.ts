import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { RecordingMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { runSluice } from '../../src/app/run.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { brokers } from '../adapters/kafka/fixture.js';
import { type Application, factsOf, World } from './fixture.js';
import { bySession, KEEP, messages, scattered, traffic, turned } from './repartition-laws.js';

const world = new World(
  (name) => {
    const application = `${name}-${randomUUID().slice(0, 8)}`;
    return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
  },
  { ...KEEP, join: { ...KEEP.join, allowedLatenessMs: 300_000 } },
);
afterAll(() => world.remove());

const sent = traffic(600);
/** About a minute of traffic: a producer is never further along on one partition than on another. */
const PIECE = 40;
const append = (to: Application, records: readonly NewRecord[]): Promise<void> =>
  to.withTransport((transport) => transport.append(records));

/** A live instance; what it does is ended by its stop. */
function start({ config }: Application): { readonly metrics: RecordingMetrics; stop(): Promise<void> } {
  const [metrics, ended] = [new RecordingMetrics(), new AbortController()];
  const run = runSluice(config, {
    untilEnd: false,
    signal: ended.signal,
    logger: silentLogger,
    metrics,
    health: createHealthBoard(systemClock),
  });
  run.catch(() => undefined);
  return {
    metrics,
    stop: async () => {
      ended.abort();
      await run;
    },
  };
}

describe('several instances behind the repartition step', () => {
  it('one that leaves and one that comes change nothing of the samples, each there once', async () => {
    const right = turned(world.application().config, 'none');
    await append(right, messages(sent, bySession));
    await right.runToEnd();

    const wrong = turned(world.application().config, 'session');
    const all = messages(sent, scattered);
    const instances = [start(wrong), start(wrong)];
    const moved = (): number =>
      instances.reduce((sum, { metrics }) => sum + metrics.total('sluice_repartitioned_records_total'), 0);
    const send = async (from: number, until: number): Promise<void> => {
      for (let at = from; at < until; at += PIECE) await append(wrong, all.slice(at, Math.min(until, at + PIECE)));
    };
    const half = all.length >> 1;
    await send(0, half);
    while (moved() === 0) await systemClock.sleep(100);
    // Whoever of the two moves the messages: both have left before the end.
    instances.push(start(wrong));
    await instances[0]!.stop();
    await send(half, all.length);
    await instances[1]!.stop();
    while (moved() < all.length) await systemClock.sleep(100);
    await instances[2]!.stop();
    await wrong.runToEnd();
    expect(factsOf(await wrong.samples())).toEqual(factsOf(await right.samples()));
  });
});
