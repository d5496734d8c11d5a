import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createCodecs } from '../../../src/adapters/avro/index.js';
import { ManualClock, MemoryTransport, silentLogger } from '../../../src/adapters/memory/index.js';
import { describeFeatures } from '../../../src/app/describe.js';
import {
  dumpTable,
  dumpTopic,
  type DumpChoice,
  type RecordTopic,
  type TableFormat,
} from '../../../src/app/dump/index.js';
import { type Config, configSchema, type WireFormat } from '../../../src/config/schema.js';
import type { Carried, DeadLetter, TrainingSample } from '../../../src/events/words.js';
import { deadLetterToRecord } from '../../../src/pipeline/route/dead-letter-record.js';
import type { NewRecord } from '../../../src/ports/transport.js';
import { lateInteractions, trainingSamples } from '../../laws/arbitraries.js';
import { pythonWith } from '../../learn/learners/python.js';

const python = pythonWith('numpy', 'pyarrow');
const SCRIPT = fileURLToPath(new URL('./python/compare_table.py', import.meta.url));
const { featureSetId, columns } = await describeFeatures(configSchema.parse({}));
const NAMES = columns.map(({ name }) => name);
const FORMATS: readonly TableFormat[] = ['parquet', 'arrow'];

const folder = mkdtempSync(join(tmpdir(), 'sluice-table-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const features = fc
  .array(fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN)), {
    minLength: NAMES.length,
    maxLength: NAMES.length,
  })
  .map((values) => Float32Array.from(values));
const vectors = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 })
  .map((values) => Float32Array.from(values));
const carried: fc.Arbitrary<Carried> = fc.record({
  'items.price': fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  'items.title': fc.option(fc.string({ unit: 'binary' })),
  'items.vectors.image': fc.option(vectors),
  'vectors.query': fc.option(vectors),
  'context.isMember': fc.option(fc.boolean()),
  'context.mixed': fc.oneof(fc.boolean(), fc.string(), fc.integer(), vectors, fc.constant(null)),
});
const embeddings = fc.option(
  fc
    .record({ query: vectors, item: vectors })
    .map((named) => Object.entries(named).map(([name, values]) => ({ name, values: Array.from(values) }))),
);
const samples: fc.Arbitrary<TrainingSample> = fc
  .tuple(trainingSamples, features, carried, embeddings)
  .map(([sample, values, own, named]) => ({
    ...sample,
    features: values,
    featureSetId,
    carried: own,
    embeddings: named,
  }));

async function open(outputFormat: WireFormat) {
  const config: Config = configSchema.parse({ wire: { outputFormat } });
  const clock = new ManualClock({ skipSleeps: true });
  const transport = new MemoryTransport({ application: 'a', topics: config.topics, clock });
  await transport.prepare();
  const codecs = createCodecs({ wire: config.wire, topics: config.topics, clock, logger: silentLogger });
  const source = { transport, codecs, config };
  /** Writes a table and the lines of the same rows, and compares them in Python. */
  const compare = async (topic: RecordTopic, format: TableFormat, choice: DumpChoice = {}) => {
    let passes = 0;
    let chunks: Uint8Array[] = [];
    const rows = await dumpTable(
      source,
      topic,
      format,
      (action) => {
        passes += 1;
        chunks = [];
        return action((bytes) => (chunks.push(bytes), Promise.resolve()));
      },
      choice,
    );
    let lines = '';
    await dumpTopic(source, topic, 'ndjson', (text) => ((lines += text), Promise.resolve()), {
      ...choice,
      columns: undefined,
    });
    const table = join(folder, `${topic}.${format}`);
    const ndjson = join(folder, `${topic}.ndjson`);
    writeFileSync(table, Buffer.concat(chunks));
    writeFileSync(ndjson, lines);
    const { status, stdout, stderr } = spawnSync(python!, [SCRIPT], {
      input: JSON.stringify({ table, ndjson, features: NAMES }),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (status !== 0) throw new Error(stderr);
    const answer = JSON.parse(stdout) as { rows: number; types: Record<string, string>; wrong: string[] };
    return { ...answer, written: rows, passes };
  };
  return { transport, codecs, compare };
}

describe.skipIf(python === undefined)('a table, read by pyarrow', () => {
  test.each(FORMATS.flatMap((format) => (['json', 'avro'] as const).map((wire) => [format, wire] as const)))(
    '%s of a topic in %s holds every value of the NDJSON dump, under its name and type',
    async (format, wire) => {
      const { transport, codecs, compare } = await open(wire);
      const rows = fc.sample(samples, 200);
      await transport.append(
        rows.map((row): NewRecord => ({ topic: 'training', key: null, value: codecs.training.encode(row) })),
      );
      const { written, types, wrong } = await compare('training', format);
      expect(wrong).toEqual([]);
      expect(written).toBe(200);
      expect(types).toMatchObject({
        sampleId: 'string not null',
        eventTimeMs: 'int64 not null',
        position: 'int32 not null',
        prediction: 'double',
        flags: 'list<element: string not null> not null',
        [`feature.${NAMES[0]}`]: 'float',
        'carried.items.price': 'double',
        'carried.items.title': 'string',
        'carried.items.vectors.image': 'list<element: float not null>',
        'carried.vectors.query': 'list<element: float not null>',
        'carried.context.isMember': 'bool',
        'carried.context.mixed': 'string',
        'embedding.item': 'list<element: float not null>',
      });
      await transport.close();
    },
  );

  test.each(FORMATS)('%s of late interactions and of dead letters holds every value', async (format) => {
    const { transport, codecs, compare } = await open('json');
    const late = fc.sample(lateInteractions, 50);
    const refused = { code: 'undecodable', reason: 'no JSON', itemIndex: null };
    const letter: DeadLetter = {
      ...refused,
      stage: 'decode',
      refused: [refused, refused],
      refusedCount: 2,
      sourceTopic: 'sluice.impressions',
      sourcePartition: 0,
      sourceOffset: 2 ** 40,
      payload: new TextEncoder().encode('{'),
      payloadBytes: 1,
      payloadSha256: null,
      key: null,
      sourceTimeMs: 5,
    };
    await transport.append([
      ...late.map((row): NewRecord => ({ topic: 'late', key: null, value: codecs.late.encode(row) })),
      { topic: 'dead-letters', ...deadLetterToRecord(letter) },
      { topic: 'dead-letters', ...deadLetterToRecord({ ...letter, payload: Uint8Array.of(0xff) }) },
    ]);
    expect(await compare('late', format)).toMatchObject({ rows: 50, wrong: [], passes: 1 });
    expect(await compare('dead-letters', format)).toMatchObject({ rows: 2, wrong: [] });
    await transport.close();
  });

  test.each(FORMATS)(
    '%s begins anew when a later row needs a wider column, and holds every row once',
    async (format) => {
      const { transport, codecs, compare } = await open('json');
      const [plain] = fc.sample(samples, 1);
      // More than a group of rows, which has 2,000,000 cells.
      const image = new Float32Array(4_000).fill(0.1);
      const rows = Array.from({ length: 600 }, (_, index) => ({
        ...plain!,
        sampleId: `s${index}`,
        embeddings: null,
        carried: { 'items.vectors.image': image, 'items.attributes.size': index < 599 ? index : 'XL' },
      }));
      await transport.append(
        rows.map((row): NewRecord => ({ topic: 'audit', key: null, value: codecs.audit.encode(row) })),
      );
      const { passes, types, wrong, written } = await compare('audit', format);
      expect({ passes, wrong, written }).toEqual({ passes: 2, wrong: [], written: 600 });
      expect(types['carried.items.attributes.size']).toBe('string');
      await transport.close();
    },
  );

  test.each(FORMATS)('%s of an empty topic has its columns and no row', async (format) => {
    const { transport, compare } = await open('json');
    const { types, rows } = await compare('training', format);
    expect(rows).toBe(0);
    expect(Object.keys(types)).toEqual(expect.arrayContaining(['label', ...NAMES.map((name) => `feature.${name}`)]));
    await transport.close();
  });

  test('chosen columns are the only ones, in their order', async () => {
    const { transport, codecs, compare } = await open('json');
    const [row] = fc.sample(samples, 1);
    await transport.append([{ topic: 'training', key: null, value: codecs.training.encode(row!) }]);
    const { types } = await compare('training', 'parquet', { columns: ['label', 'log*', `feature.${NAMES[1]}`] });
    expect(Object.keys(types)).toEqual(['label', 'logOddsOffset', `feature.${NAMES[1]}`]);
    await transport.close();
  });
});
