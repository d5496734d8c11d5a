import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { RecordingMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { runSluice } from '../../src/app/run.js';
import type { Config } from '../../src/config/schema.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import { INPUTS, type NewRecord } from '../../src/ports/transport.js';
import { brokers } from '../adapters/kafka/fixture.js';
import { Application, factsOf, World } from './fixture.js';
import { bySession, KEEP, messages, scattered, traffic, turned } from './repartition-laws.js';

type Delivery = Config['transport']['delivery'];

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

function behindTheStep(of: Config, delivery: Delivery): Application {
  const { config } = turned(of, 'session');
  return new Application({ ...config, transport: { ...config.transport, delivery } });
}

/** Facts of the samples by id: each there once, or at least once and every time alike. */
async function facts(of: Application, delivery: Delivery): Promise<Map<string, unknown>> {
  if (delivery === 'exactly-once') return factsOf(await of.samples());
  const rows = [...(await of.rows('training')), ...(await of.rows('audit'))];
  const [first, last] = [[...rows].reverse(), rows].map((each) => new Map(each.map((row) => [row.sampleId, row])));
  expect(factsOf(first!)).toEqual(factsOf(last!));
  return factsOf(first!);
}

/** Messages that a committed reader finds by session, and the offsets that they and the marks of transactions take up. */
const movedIn = (of: Application): Promise<{ readonly messages: number; readonly offsets: number }> =>
  of.withTransport(async (transport) => {
    const ends = await Promise.all(INPUTS.map((input) => transport.endOffsets(input)));
    const reader = await transport.reader(INPUTS, 'earliest');
    try {
      let count = 0;
      while (!(await reader.caughtUp())) count += (await reader.poll(200)).length;
      return { messages: count, offsets: ends.flat().reduce((sum, end) => sum + end) };
    } finally {
      await reader.close();
    }
  });

describe('several instances behind the repartition step', () => {
  it.each(['exactly-once', 'at-least-once'] as const)(
    '%s: one that leaves and one that comes change no sample',
    async (delivery) => {
      const right = turned(world.application().config, 'none');
      await append(right, messages(sent, bySession));
      await right.runToEnd();

      const wrong = behindTheStep(world.application().config, delivery);
      const all = messages(sent, scattered);
      const instances = [start(wrong), start(wrong)];
      const movedCount = (): number =>
        instances.reduce((sum, { metrics }) => sum + metrics.total('sluice_repartitioned_records_total'), 0);
      const send = async (from: number, until: number): Promise<void> => {
        for (let at = from; at < until; at += PIECE) await append(wrong, all.slice(at, Math.min(until, at + PIECE)));
      };
      const half = all.length >> 1;
      await send(0, half);
      while (movedCount() === 0) await systemClock.sleep(100);
      // Whoever of the two moves the messages: both have left before the end.
      instances.push(start(wrong));
      await instances[0]!.stop();
      await send(half, all.length);
      await instances[1]!.stop();
      while ((await movedIn(wrong)).messages < all.length) await systemClock.sleep(200);
      await instances[2]!.stop();
      await wrong.runToEnd();
      expect(await facts(wrong, delivery)).toEqual(factsOf(await right.samples()));
      const moved = await movedIn(wrong);
      expect(moved.messages).toBe(all.length);
      // Marks: what a step had moved without its offsets is never read.
      expect(moved.offsets).toBeGreaterThan(all.length);
    },
  );
});
