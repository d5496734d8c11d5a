import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RecordingLogger, RecordingMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { runSluice } from '../../src/app/run.js';
import { openTransport } from '../../src/app/wire.js';
import { partitionOfText } from '../../src/events/partition.js';
import { createHealthBoard, type HealthBoard } from '../../src/observe/health-board.js';
import { INPUTS, type NewRecord, type TopicRole, type Transport } from '../../src/ports/transport.js';
import { brokers } from '../adapters/kafka/fixture.js';
import type { Config } from '../../src/config/schema.js';
import { Application, type Changes, World } from './fixture.js';

const BEFORE = 2;
const AFTER = 5;
const SHOWN_MS = Date.UTC(2026, 0, 5);
const NUMBERS = Array.from({ length: 60 }, (_, n) => n);
const sessionOf = (n: number): string => `session-${n}`;
const moves = (n: number): boolean => partitionOfText(sessionOf(n), BEFORE) !== partitionOfText(sessionOf(n), AFTER);

const world = new World(
  (name) => {
    const application = `${name}-${randomUUID().slice(0, 8)}`;
    return {
      application,
      transport: { kind: 'kafka', brokers: brokers(), sessionTimeoutMs: 6_000 },
      topics: { prefix: `${application}.` },
    };
  },
  { topics: { partitions: BEFORE }, join: { attributionWindowMs: 60_000, allowedLatenessMs: 1_000 } },
);
let admin: Admin;
const running: Running[] = [];
beforeAll(async () => {
  admin = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterEach(() => Promise.all(running.splice(0).map((each) => each.stop())));
afterAll(async () => {
  await admin.disconnect();
  world.remove();
});

interface Running {
  readonly logger: RecordingLogger;
  readonly metrics: RecordingMetrics;
  readonly health: HealthBoard;
  stop(): Promise<void>;
}

/** One instance of a live run. */
function start({ config }: Application): Running {
  const [logger, metrics, health] = [
    new RecordingLogger(),
    new RecordingMetrics(),
    createHealthBoard(systemClock),
  ] as const;
  const ended = new AbortController();
  const run = runSluice(config, { untilEnd: false, signal: ended.signal, logger, metrics, health });
  run.catch(() => undefined);
  const stop = async (): Promise<void> => {
    ended.abort();
    await run;
  };
  const started = { logger, metrics, health, stop };
  running.push(started);
  return started;
}

/** Looks without preparing anything, as a tool of the operator does. */
async function looking<T>({ config }: Application, look: (transport: Transport) => Promise<T>): Promise<T> {
  const transport = openTransport(config, { logger: silentLogger, clock: systemClock });
  try {
    return await look(transport);
  } finally {
    await transport.close();
  }
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
const event = (n: number): object => ({ sessionId: sessionOf(n), eventTimeMs: SHOWN_MS + n });
const listOf = (n: number, request = `request-${n}`): NewRecord => ({
  topic: 'impressions',
  key: Buffer.from(sessionOf(n)),
  value: json({ ...event(n), requestId: request, surface: 'SEARCH', items: [{ itemId: 'a', position: 1 }] }),
});
const clickOf = (n: number): NewRecord => ({
  topic: 'interactions',
  key: Buffer.from(sessionOf(n)),
  value: json({ ...event(n), interactionId: `click-${n}`, type: 'CLICK', itemId: 'a' }),
});
const send = (to: Application, records: readonly NewRecord[]): Promise<void> =>
  looking(to, (transport) => transport.append(records));

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await systemClock.sleep(200);
}

const grow = ({ config }: Application, inputs: readonly TopicRole[], count = AFTER): Promise<boolean> =>
  admin.createPartitions({
    topicPartitions: inputs.map((input) => ({ topic: `${config.topics.prefix}${input}`, count })),
  });

/** Waits until both inputs are read and committed to their ends, in so many partitions. */
const untilRead = (application: Application, partitions: number): Promise<void> =>
  until(() =>
    looking(application, async (transport) => {
      const committed = await transport.committedAll();
      const ends = await Promise.all(INPUTS.map((input) => transport.endOffsets(input)));
      return (
        ends.every((each) => each.length === partitions) &&
        INPUTS.every((input, at) => ends[at]!.every((end, p) => (committed.get(p)?.offsets[input] ?? 0) >= end))
      );
    }),
  );

const saidOf = ({ logger }: Running, word: string): RecordingLogger['lines'] =>
  logger.lines.filter(({ level, message }) => level === 'warn' && message.includes(word));

/** The same application with some of its transport or topics otherwise. */
const turned = ({ config }: Application, changes: Changes): Application =>
  new Application({
    ...config,
    transport: { ...config.transport, ...changes.transport },
    topics: { ...config.topics, ...changes.topics },
  } as Config);

describe('partitions added to the input topics while instances run', () => {
  it('are said with topic, from and to, and read from their beginning by the same processes, each sample once', async () => {
    const application = world.application({ topics: { partitions: BEFORE } });
    const instances = [start(application), start(application)];
    await until(() => instances.every(({ health }) => health.readiness().ok));
    await send(
      application,
      NUMBERS.map((n) => listOf(n)),
    );
    await untilRead(application, BEFORE);
    await grow(application, INPUTS);
    // At once: before anybody but the brokers can know of the new partitions.
    await send(
      application,
      NUMBERS.map((n) => listOf(n, `again-${n}`)),
    );
    await untilRead(application, AFTER);

    for (const instance of instances) {
      const [line, ...more] = saidOf(instance, 'further partitions');
      expect(more).toEqual([]);
      expect(line?.fields).toMatchObject({
        topics: INPUTS.map((input) => ({
          topic: `${application.config.topics.prefix}${input}`,
          from: BEFORE,
          to: AFTER,
        })),
        sessions: expect.stringContaining('does not join') as string,
      });
      expect(instance.metrics.latest('sluice_input_partitions')).toBe(AFTER);
      await until(() => instance.health.readiness().ok);
    }
    await Promise.all(instances.map((each) => each.stop()));
    const counts = await looking(application, (transport) =>
      Promise.all(
        (['training', 'audit', 'checkpoints', 'pool'] as const).map((role) => transport.partitionCount(role)),
      ),
    );
    expect(counts).toEqual([AFTER, AFTER, AFTER, AFTER]);
    const { samples, impressions } = await application.runToEnd();
    expect(impressions).toMatchObject({ read: 2 * NUMBERS.length, duplicate: 0, deadLettered: 0 });
    expect(samples.seen).toBe(2 * NUMBERS.length);
    await application.samples();
  });

  it('part what was shown before from what was done after where the session moves, and nowhere else', async () => {
    const application = world.application({ selection: { scorer: 'uniform', budget: 1 } });
    const instance = start(application);
    await until(() => instance.health.readiness().ok);
    await send(
      application,
      NUMBERS.map((n) => listOf(n)),
    );
    await untilRead(application, BEFORE);
    await grow(application, INPUTS);
    await send(application, NUMBERS.map(clickOf));
    await untilRead(application, AFTER);
    await instance.stop();
    const { interactions, samples } = await application.runToEnd();
    const moved = NUMBERS.filter(moves).length;
    expect(moved).toBeGreaterThan(10);
    expect(interactions).toMatchObject({ joined: NUMBERS.length - moved, unmatched: moved });
    expect(samples.positive).toBe(NUMBERS.length - moved);
  });

  it('part nothing under transport.repartition: session, whose own topics keep their size', async () => {
    const application = turned(world.application(), { transport: { repartition: 'session' } as never });
    const instance = start(application);
    await until(() => instance.health.readiness().ok);
    await send(
      application,
      NUMBERS.map((n) => listOf(n)),
    );
    await grow(application, INPUTS);
    await until(() => saidOf(instance, 'further partitions').length > 0);
    await send(application, NUMBERS.map(clickOf));
    await until(() => instance.metrics.total('sluice_repartitioned_records_total') === 2 * NUMBERS.length);
    await instance.stop();
    expect(saidOf(instance, 'further partitions')[0]?.fields).not.toHaveProperty('sessions');
    const { interactions, samples } = await application.runToEnd();
    expect(interactions).toMatchObject({ joined: NUMBERS.length, unmatched: 0 });
    expect(samples.positive).toBe(NUMBERS.length);
    expect(await looking(application, (transport) => transport.partitionCount('impressions'))).toBe(BEFORE);
  });

  it('of one input alone turn /ready red and stop nothing; with those of the other they are read', async () => {
    const application = world.application();
    const instance = start(application);
    await until(() => instance.health.readiness().ok);
    await grow(application, ['impressions']);
    await until(() => !instance.health.readiness().ok);
    expect(instance.health.readiness().reasons).toEqual([
      expect.stringMatching(/^inputs-differ: .*\.impressions \(2 to 5\); .*\.interactions has 2 partitions$/),
    ]);
    expect(instance.health.liveness().ok).toBe(true);
    await grow(application, ['interactions']);
    await send(
      application,
      NUMBERS.map((n) => listOf(n)),
    );
    await untilRead(application, AFTER);
    await until(() => instance.health.readiness().ok);
    await instance.stop();
    expect((await application.runToEnd()).samples.seen).toBe(NUMBERS.length);
  });

  it('wait for the checkpoints topic where Sluice may not grow it, and nothing ends meanwhile', async () => {
    const made = world.application();
    await made.withTransport(() => Promise.resolve());
    const application = turned(made, { topics: { create: false } });
    const instance = start(application);
    await until(() => instance.health.readiness().ok);
    await grow(application, INPUTS);
    await until(() => !instance.health.readiness().ok);
    expect(instance.health.readiness().reasons).toEqual([
      expect.stringMatching(/^inputs-differ: .*\.checkpoints has 2 partitions, and topics\.create is off$/),
    ]);
    await send(
      application,
      NUMBERS.map((n) => listOf(n)),
    );
    await grow(application, ['checkpoints']);
    await untilRead(application, AFTER);
    await instance.stop();
    expect((await application.runToEnd()).samples.seen).toBe(NUMBERS.length);
  });
});
