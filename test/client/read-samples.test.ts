import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCodecs } from '../../src/adapters/avro/index.js';
import { ManualClock, MemoryTransport, silentLogger } from '../../src/adapters/memory/index.js';
import { describeFeatures } from '../../src/app/describe.js';
import { dumpTable, dumpTopic } from '../../src/app/dump/index.js';
import { readSamples } from '../../src/client/index.js';
import { configSchema } from '../../src/config/schema.js';
import type { TrainingSample } from '../../src/events/words.js';
import { trainingSamples } from '../laws/arbitraries.js';

const described = await describeFeatures(configSchema.parse({}));
const NAMES = described.columns.map(({ name }) => name);
const FILES = ['rows.ndjson', 'rows.ndjson.gz', 'rows.csv', 'rows.parquet'];
const folder = mkdtempSync(join(tmpdir(), 'sluice-read-'));
const at = (name: string) => join(folder, name);
let rows: readonly TrainingSample[] = [];

const number = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN));
const features = fc.array(number, { minLength: NAMES.length, maxLength: NAMES.length });
const drawn = fc.tuple(trainingSamples, features, fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })));

/** Dumps of the same rows in every format. */
beforeAll(async () => {
  rows = fc.sample(drawn, 60).map(([sample, values, price]) => ({
    ...sample,
    features: Float32Array.from(values),
    featureSetId: described.featureSetId,
    embeddings: null,
    carried: { 'items.price': price },
  }));
  const config = configSchema.parse({});
  const clock = new ManualClock();
  const transport = new MemoryTransport({ application: 'a', topics: config.topics, clock });
  await transport.prepare();
  const codecs = createCodecs({ wire: config.wire, topics: config.topics, clock, logger: silentLogger });
  await transport.append(
    rows.map((row) => ({ topic: 'training' as const, key: null, value: codecs.training.encode(row) })),
  );
  const source = { transport, codecs, config };
  for (const format of ['ndjson', 'csv'] as const) {
    let text = '';
    await dumpTopic(source, 'training', format, (part) => ((text += part), Promise.resolve()));
    writeFileSync(at(`rows.${format}`), text);
    if (format === 'ndjson') writeFileSync(at('rows.ndjson.gz'), gzipSync(text));
  }
  let chunks: Uint8Array[] = [];
  await dumpTable(source, 'training', 'parquet', (action) => {
    chunks = [];
    return action((bytes) => (chunks.push(bytes), Promise.resolve()));
  });
  writeFileSync(at('rows.parquet'), Buffer.concat(chunks));
  await transport.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('reading samples', () => {
  test.each(FILES)('%s gives every row with its names, numbers and types', async (name) => {
    const samples = await readSamples(at(name), { features: described });
    expect(samples.rowCount).toBe(rows.length);
    expect(samples.featureNames).toEqual(NAMES);
    expect(samples.featureSetId).toBe(described.featureSetId);
    // −0 is 0 in JSON.
    expect([...samples.features].map((value) => value + 0)).toEqual(
      rows.flatMap((row) => Array.from(row.features, (value) => value + 0)),
    );
    expect([...samples.label]).toEqual(rows.map((row) => row.label));
    for (const [ours, field] of [
      [samples.offset, 'logOddsOffset'],
      [samples.weight, 'importanceWeight'],
      [samples.probability, 'inclusionProbability'],
    ] as const)
      expect([...ours].map((value) => value + 0)).toEqual(rows.map((row) => row[field] + 0));
    expect(samples.columns.get('position')).toEqual(rows.map((row) => row.position));
    const prices = samples.columns.get('carried.items.price')!;
    expect(prices.map((price) => (price === null ? null : Number(price) + 0))).toEqual(
      rows.map((row) => (row.carried!['items.price'] === null ? null : (row.carried!['items.price'] as number) + 0)),
    );
  });

  test('without names, lines number their features and tables name them', async () => {
    expect((await readSamples(at('rows.ndjson'))).featureNames[0]).toBe('0');
    expect((await readSamples(at('rows.csv'))).featureNames).toEqual(NAMES);
  });

  test('rows of two feature sets are refused, and one of them can be chosen', async () => {
    const [first, second] = readFileSync(at('rows.ndjson'), 'utf8').split('\n');
    const other = { ...(JSON.parse(second!) as object), featureSetId: 'fs-other', features: [1, null] };
    writeFileSync(at('two.ndjson'), `${first}\n${JSON.stringify(other)}\n`);
    await expect(readSamples(at('two.ndjson'))).rejects.toMatchObject({ code: 'feature-sets-mixed' });
    const chosen = await readSamples(at('two.ndjson'), { featureSet: 'fs-other' });
    expect([...chosen.features]).toEqual([1, NaN]);
    await expect(readSamples(at('two.ndjson'), { features: described, featureSet: 'fs-other' })).rejects.toMatchObject({
      code: 'feature-sets-mixed',
    });
  });

  test.each([
    ['{}\n', 'no featureSetId'],
    ['{"featureSetId":"a","features":[1]}\n', 'no label'],
    ['x\n', 'line 1'],
  ])('%j is no dump, and says why', async (text, why) => {
    writeFileSync(at('wrong.ndjson'), text);
    await expect(readSamples(at('wrong.ndjson'))).rejects.toThrow(why);
  });

  test('a file that is not there, or says no format, is refused by name', async () => {
    await expect(readSamples(at('absent.ndjson'))).rejects.toMatchObject({ code: 'file-unreadable' });
    writeFileSync(at('damaged.ndjson.gz'), gzipSync('{}').subarray(0, 12));
    await expect(readSamples(at('damaged.ndjson.gz'))).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(readSamples(at('rows.txt'))).rejects.toMatchObject({ code: 'import-file-invalid' });
  });

  test('the package gives it by name, with its types', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const script = `import { readSamples } from 'sluice/samples'; const { rowCount } = await readSamples(${JSON.stringify(at('rows.parquet'))}); console.log(rowCount)`;
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' });
    expect(Number(told)).toBe(rows.length);
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: { './samples': { types: string } };
    };
    expect(readFileSync(join(root, exports['./samples'].types), 'utf8')).toContain('readSamples');
  });
});
