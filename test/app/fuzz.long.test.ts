import { afterAll, describe, expect, it } from 'vitest';
import { schemaText } from '../../src/adapters/avro/schema-files.js';
import {
  ManualClock,
  MemoryLog,
  RecordingLogger,
  RecordingMetrics,
  silentLogger,
} from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { createCodecs } from '../../src/adapters/avro/index.js';
import type { Accounting } from '../../src/app/accounting.js';
import { runSluice } from '../../src/app/run.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import type { InputName, NewRecord, ReadRecord, TopicRole } from '../../src/ports/transport.js';
import { registryServer, type RegistryServer } from '../adapters/registry/registry-server.js';
import { feed as feedLog, live, type World as PipelineWorld } from '../pipeline/instance.js';
import { configOf, T0 } from '../pipeline/kit.js';
import { embedded, World, type Application, type Row } from './fixture.js';
import { float64Of } from '../../src/pipeline/state/captured.js';
import { avroFuzzer, framing, jsonFuzzer, soundClick, soundList, WildClock, type Fuzzer } from './fuzz-messages.js';

/** Messages of each format; the long form sets it (test/bench/fuzz.mjs). */
const MESSAGES = Number(process.env['FUZZ_RUNS'] ?? 7_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** Odd messages that are appended at a time, under one timestamp. */
const CHUNK = 100;
const BATCH = 1_000;
/** One message in so many is sound. */
const SOUND_EVERY = 20;

const world = new World(embedded, {
  selection: { scorer: 'uniform', budget: 1, auditFraction: 0.1 },
  retrain: { pace: 'live' },
  clean: { maxFutureMs: 0 },
  join: { allowedLatenessMs: 2_000, attributionWindowMs: 3_000 },
});
const registries: RegistryServer[] = [];
afterAll(async () => {
  world.remove();
  for (const registry of registries) await registry.close();
});

interface Fed {
  readonly lists: number;
  readonly clicks: number;
  /** Numbers of the sound lists; each has a click. */
  readonly sound: readonly number[];
}

/** Sends `MESSAGES` messages, sound ones among them. */
async function feed(application: Application, fuzz: Fuzzer, timeMs: (n: number) => number): Promise<Fed> {
  const { wire, topics } = application.config;
  const codecs = createCodecs({
    wire: { ...wire, inputFormat: wire.inputFormat === 'json' ? 'json' : 'avro' },
    topics,
    clock: systemClock,
    logger: silentLogger,
  });
  const framed = (id: number, body: Uint8Array): Uint8Array =>
    wire.inputFormat === 'confluent' ? Buffer.concat([Uint8Array.of(0, 0, 0, 0, id), body]) : body;
  const counts = { impressions: 0, interactions: 0 };
  const sound: number[] = [];
  const [frame, clock] = [framing(SEED), new WildClock(SEED)];
  await application.withTransport(async (transport) => {
    for (let from = 0; from < MESSAGES; from += BATCH) {
      const right: NewRecord[] = [];
      const odd: NewRecord[] = [];
      const add = (topic: InputName, value: Uint8Array | null, to = right): void => {
        to.push(frame(topic, value));
        counts[topic]++;
      };
      for (let n = from; n < Math.min(MESSAGES, from + BATCH); n++) {
        if (n % SOUND_EVERY === 0) {
          sound.push(n);
          add('impressions', framed(1, codecs.impressions.encode(soundList(n, timeMs(n)))));
          add('interactions', framed(2, codecs.interactions.encode(soundClick(n, timeMs(n)))));
        } else {
          const topic = n % 2 === 0 ? 'impressions' : 'interactions';
          add(topic, fuzz(n, topic), odd);
        }
      }
      clock.isWild = false;
      await transport.append(right);
      clock.isWild = true;
      for (let at = 0; at < odd.length; at += CHUNK) await transport.append(odd.slice(at, at + CHUNK));
    }
  }, clock);
  return { lists: counts.impressions, clicks: counts.interactions, sound };
}

/** Runs to the end, watching the memory. @returns the accounting, warnings and errors said, and memory at its largest */
async function run(
  application: Application,
): Promise<{ accounting: Accounting; complaints: readonly string[]; mostMb: number }> {
  const logger = new RecordingLogger();
  let mostMb = 0;
  const watch = setInterval(() => (mostMb = Math.max(mostMb, process.memoryUsage().rss / 1e6)), 200);
  try {
    const accounting = await runSluice(application.config, {
      untilEnd: true,
      signal: new AbortController().signal,
      logger,
      metrics: new RecordingMetrics(),
      health: createHealthBoard(systemClock),
    });
    return { accounting, complaints: [...logger.messages('warn'), ...logger.messages('error')], mostMb };
  } finally {
    clearInterval(watch);
  }
}

/** What must hold whatever was sent. */
async function expectAccounted(application: Application, fed: Fed): Promise<void> {
  const { accounting, complaints, mostMb } = await run(application);
  expect(complaints.filter((message) => /partition failed|cannot go on/.test(message))).toEqual([]);
  const { impressions, interactions, samples } = accounting;
  expect(samples.seen).toBe(samples.kept + samples.audit + samples.dropped);
  expect(impressions.read).toBe(impressions.duplicate + impressions.deadLettered + samples.seen);
  expect(interactions.read).toBe(fed.clicks);
  expect(interactions.read).toBe(
    interactions.joined +
      interactions.unmatched +
      interactions.late +
      interactions.duplicate +
      interactions.deadLettered,
  );

  // No message has two dead letters, and there is one for every interaction that was refused.
  const places = new Set<string>();
  const codes: Record<string, number> = {};
  let letterCount = 0;
  let clickLetterCount = 0;
  await eachRecord(application, ['dead-letters'], ({ headers }) => {
    letterCount++;
    places.add(
      `${headers['sluice.sourceTopic']}/${headers['sluice.sourcePartition']}/${headers['sluice.sourceOffset']}`,
    );
    codes[headers['sluice.code']!] = (codes[headers['sluice.code']!] ?? 0) + 1;
    if (headers['sluice.sourceTopic']!.endsWith('interactions')) clickLetterCount++;
  });
  expect(places.size).toBe(letterCount);
  expect(clickLetterCount).toBe(interactions.deadLettered);
  expect(letterCount).toBeGreaterThan(MESSAGES / 4);

  // The stream went on: every sound list came through, with its click.
  const labels = new Map<string, number>();
  let rowCount = 0;
  await eachRecord(application, ['training', 'audit'], ({ value }) => {
    rowCount++;
    const { sampleId, label } = JSON.parse(new TextDecoder().decode(value!)) as Row;
    if (sampleId.startsWith('sound')) labels.set(sampleId, label);
  });
  expect(rowCount).toBe(samples.seen);
  const wrong = fed.sound.filter((n) => labels.get(`sound${n}#1`) !== 1 || labels.get(`sound${n}#2`) !== 0);
  expect(wrong).toEqual([]);
  if (MESSAGES > 100_000)
    console.log(
      JSON.stringify({
        format: application.config.wire.inputFormat,
        messages: fed.lists + fed.clicks,
        crashed: 0,
        impressions,
        interactions,
        samples,
        codes,
        mostRssMb: Math.round(mostMb),
      }),
    );
}

/** Visits every record of some topics. */
async function eachRecord(
  application: Application,
  topics: readonly TopicRole[],
  visit: (record: ReadRecord) => void,
): Promise<void> {
  await application.withTransport(async (transport) => {
    const reader = await transport.reader(topics, 'earliest');
    while (!(await reader.caughtUp())) for (const record of await reader.poll(1_000)) visit(record);
    await reader.close();
  });
}

describe(`${MESSAGES} fuzzed messages of a format are all accounted for, and none stops the stream`, () => {
  // Events as they happen: a time that was damaged is in the future, and refused, or in the past, and late.
  const timeMs = (): number => systemClock.nowMs();
  const limitMs = 60_000 + MESSAGES * 5;

  it(
    'as JSON',
    async () => {
      const application = world.application();
      await expectAccounted(application, await feed(application, jsonFuzzer(SEED, timeMs), timeMs));
    },
    limitMs,
  );

  it(
    'as plain Avro',
    async () => {
      const application = world.application({ wire: { inputFormat: 'avro' } });
      await expectAccounted(
        application,
        await feed(application, avroFuzzer(SEED, application.config, timeMs, []), timeMs),
      );
    },
    limitMs,
  );

  it(
    'as Avro behind schema ids',
    async () => {
      const schemas: Record<string, string> = {
        '1': schemaText('ImpressionList'),
        '2': schemaText('Interaction'),
        '3': '"string"',
        '4': '{"type":"record","name":"R","fields":[]}',
        '5': 'not a schema',
      };
      const registry = await registryServer(({ path }) => {
        const schema = schemas[/\/schemas\/ids\/(\d+)/.exec(path)?.[1] ?? ''];
        return schema === undefined
          ? { status: 404, body: { error_code: 40403, message: 'Schema not found' } }
          : { status: 200, body: { schema } };
      });
      registries.push(registry);
      const application = world.application({ wire: { inputFormat: 'confluent', registryUrl: registry.url } });
      await expectAccounted(
        application,
        await feed(application, avroFuzzer(SEED, application.config, timeMs, [1, 1, 1, 2, 2, 3, 4, 5]), timeMs),
      );
    },
    limitMs,
  );
});

describe('a flood of messages that are refused', () => {
  it('leaves no trace in the state', async () => {
    const timeMs = (): number => T0;
    const fuzz = jsonFuzzer(SEED, timeMs);
    const frame = framing(SEED);
    const refused: NewRecord[] = [];
    for (let n = 0; refused.length < 4_000; n++) {
      const topic = n % 2 === 0 ? 'impressions' : 'interactions';
      const value = fuzz(n, topic);
      const timeless =
        value && Buffer.from(Buffer.from(value).toString('latin1').replaceAll(String(T0), '12'), 'latin1');
      refused.push(frame(topic, timeless));
    }
    const memory: PipelineWorld = {
      log: new MemoryLog(),
      clock: new ManualClock({ nowMs: T0 }),
      config: configOf({ batch: { lingerMs: 0, commitEveryMs: 0 } }),
    };
    await feedLog(memory, refused);
    const { partition } = await live(memory, { untilEnd: false, isOver: () => false, stopAfterUnits: 3_000 });
    const { state, reorder, counts } = partition!;
    expect(counts.impressionsDeadLettered + counts.interactionsDeadLettered).toBeGreaterThan(3_900);
    expect(reorder.offsets).toEqual({ impressions: 2_000, interactions: 2_000 });
    expect(state.join.open.end).toBeLessThan(100);
    expect(float64Of(state.features.tables().item!.capture(), 'keys').length).toBeLessThan(100);
    expect(state.seenInteractions.size + state.seenImpressions.size).toBeLessThan(100);
    expect(state.pending.size).toBeLessThan(100);
  });
});
