import { describe, expect, test } from 'vitest';
import { createCodecs } from '../../../src/adapters/avro/index.js';
import { ManualClock, MemoryTransport, silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { readDeadLetters } from '../../../src/app/dead-letters.js';
import { requeueDeadLetters } from '../../../src/app/requeue.js';
import { describeFeatures } from '../../../src/app/describe.js';
import { type DumpChoice, type DumpedTopic, dumpTopic, type LineFormat } from '../../../src/app/dump/index.js';
import { type Config, configSchema, type WireFormat } from '../../../src/config/schema.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { DeadLetter, TrainingSample } from '../../../src/events/words.js';
import { deadLetterToRecord } from '../../../src/pipeline/route/dead-letter-record.js';
import { keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import { OMITTED_COLUMNS } from '../../../src/config/omitted-columns.js';

const COLUMNS = keptColumns({ omit: OMITTED_COLUMNS, declared: [] });
const utf8 = new TextEncoder();

const { featureSetId } = await describeFeatures(configSchema.parse({}));

function sample(id: string, over: Partial<TrainingSample> = {}): TrainingSample {
  const features = new Float32Array(COLUMNS.length).fill(0.1);
  features[1] = NaN;
  return {
    sampleId: id,
    requestId: 'r',
    surface: 'SEARCH',
    eventTimeMs: 1,
    closeTimeMs: 2,
    sessionPseudonym: 'p',
    userPseudonym: null,
    pseudonymKeyId: 'k',
    itemId: 'i, "quoted"',
    position: 1,
    category: null,
    label: 1,
    outcome: 'CLICK',
    value: 0,
    propensity: null,
    features,
    featureSetId,
    embeddings: null,
    prediction: 0.25,
    importance: 0.75,
    scorer: 'surprise',
    inclusionProbability: 0.5,
    importanceWeight: 2,
    logOddsOffset: 0.1,
    snapshotVersion: 'none',
    flags: ['session-rate', 'contradicted'],
    selectionId: '5f0c3a1e',
    ...over,
  };
}

function letter(offset: number, over: Partial<DeadLetter> = {}): DeadLetter {
  const refused = {
    code: over.code ?? 'missing-field',
    reason: 'required field itemId is missing or empty',
    itemIndex: over.itemIndex ?? null,
  };
  return {
    ...refused,
    stage: 'clean',
    refused: [refused],
    refusedCount: 1,
    sourceTopic: 'sluice.interactions',
    sourcePartition: 0,
    sourceOffset: offset,
    payload: utf8.encode('{"type":"CLICK"}'),
    payloadBytes: 16,
    payloadSha256: null,
    key: utf8.encode('s'),
    sourceTimeMs: 5,
    ...over,
  };
}

async function open(outputFormat: WireFormat = 'json', clock: Clock = new ManualClock()) {
  const config: Config = configSchema.parse({ wire: { outputFormat } });
  const transport = new MemoryTransport({ application: 'a', topics: config.topics, clock });
  await transport.prepare();
  const codecs = createCodecs({ wire: config.wire, topics: config.topics, clock: systemClock, logger: silentLogger });
  const dump = async (topic: DumpedTopic, format: LineFormat, choice: DumpChoice = {}) => {
    let text = '';
    const write = (part: string): Promise<void> => ((text += part), Promise.resolve());
    const rows = await dumpTopic({ transport, codecs, config }, topic, format, write, choice);
    return { rows, text, lines: text.split('\n').slice(0, -1) };
  };
  return { config, transport, codecs, dump };
}

describe('dump', () => {
  test.each<WireFormat>(['json', 'avro'])(
    '%s topics read the same: one line a sample, missing features null',
    async (format) => {
      const { transport, codecs, dump } = await open(format);
      await transport.append(
        ['x', 'y'].map((id) => ({ topic: 'training' as const, key: null, value: codecs.training.encode(sample(id)) })),
      );
      const { rows, lines } = await dump('training', 'ndjson');
      expect(rows).toBe(2);
      const read = lines.map((line) => JSON.parse(line) as TrainingSample);
      expect(read.map(({ sampleId }) => sampleId)).toEqual(['x', 'y']);
      expect(read[0]).toMatchObject({
        label: 1,
        itemId: 'i, "quoted"',
        inclusionProbability: 0.5,
        snapshotVersion: 'none',
        prediction: 0.25,
      });
      expect(read[0]!.features[1]).toBeNull();
      expect(Math.fround(read[0]!.features[0]!)).toBe(Math.fround(0.1));
      await transport.close();
    },
  );

  test('CSV has a named column a feature', async () => {
    const { transport, codecs, dump } = await open();
    await transport.append([{ topic: 'audit', key: null, value: codecs.audit.encode(sample('x')) }]);
    const { lines } = await dump('audit', 'csv');
    expect(lines).toHaveLength(2);
    for (const column of COLUMNS) expect(lines[0]!.split(',')).toContain(`feature.${column.name}`);
    expect(lines[1]).toContain('"i, ""quoted"""');
    await transport.close();
  });

  test('CSV has the fields that the first row lacks and the config carries', async () => {
    const { config, transport, codecs, dump } = await open();
    (config.output.carry as string[]).push('query', 'items.title');
    await transport.append([
      { topic: 'training', key: null, value: codecs.training.encode(sample('x', { carried: { query: 'tea' } })) },
    ]);
    const { lines } = await dump('training', 'csv', { columns: ['sampleId', 'carried.*'] });
    expect(lines).toEqual(['sampleId,carried.query,carried.items.title', 'x,tea,']);
    await transport.close();
  });

  test('columns choose, in their order; a limit ends it; one that nobody has is refused by name', async () => {
    const { transport, codecs, dump } = await open();
    await transport.append(
      ['x', 'y', 'z'].map((id) => ({ topic: 'audit' as const, key: null, value: codecs.audit.encode(sample(id)) })),
    );
    const name = `feature.${COLUMNS[0]!.name}`;
    const { lines, rows } = await dump('audit', 'ndjson', { columns: [name, 'label', 'sampleId'], limit: 2 });
    expect(rows).toBe(2);
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { [name]: 0.1, label: 1, sampleId: 'x' },
      { [name]: 0.1, label: 1, sampleId: 'y' },
    ]);
    await expect(dump('audit', 'csv', { columns: ['labl'] })).rejects.toMatchObject({
      code: 'column-unknown',
      message: expect.stringContaining('Did you mean label?') as string,
    });
    await transport.close();
  });

  test('since and until narrow to the rows that were written between them', async () => {
    const clock = new ManualClock();
    const { transport, codecs, dump } = await open('json', clock);
    for (const id of ['x', 'y', 'z']) {
      await transport.append([{ topic: 'training', key: null, value: codecs.training.encode(sample(id)) }]);
      clock.jump(100_000);
    }
    const ids = async (choice: DumpChoice) =>
      (await dump('training', 'ndjson', { ...choice, columns: ['sampleId'] })).lines.map(
        (line) => (JSON.parse(line) as TrainingSample).sampleId,
      );
    const begin = clock.nowMs() - 300_000;
    expect(await ids({ sinceMs: begin + 100_000 })).toEqual(['y', 'z']);
    expect(await ids({ untilMs: begin + 100_000 })).toEqual(['x']);
    expect(await ids({ sinceMs: begin + 1, untilMs: begin + 200_000 })).toEqual(['y']);
    await transport.close();
  });

  test('a follower gets what is written while it waits, as it is written', async () => {
    const { transport, codecs, config } = await open('json', systemClock);
    const append = (id: string) =>
      transport.append([{ topic: 'training', key: null, value: codecs.training.encode(sample(id)) }]);
    await append('x');
    const stop = new AbortController();
    const seen: string[] = [];
    const rows = await dumpTopic(
      { transport, codecs, config },
      'training',
      'ndjson',
      async (text) => {
        seen.push(
          ...text
            .split('\n')
            .slice(0, -1)
            .map((line) => (JSON.parse(line) as TrainingSample).sampleId),
        );
        if (seen.length < 3) await append(seen.length === 1 ? 'y' : 'z');
        else stop.abort();
      },
      { follow: stop.signal },
    );
    expect(seen).toEqual(['x', 'y', 'z']);
    expect(rows).toBe(3);
    await transport.close();
  });

  test('columns of a feature set that nobody names, and of two at once, are refused; one of them can be chosen', async () => {
    const { transport, codecs, dump } = await open();
    const other = { featureSetId: 'fs-other', features: Float32Array.of(1, 2) };
    await transport.append(
      [sample('x'), sample('y', other)].map((one) => ({
        topic: 'training' as const,
        key: null,
        value: codecs.training.encode(one),
      })),
    );
    await expect(dump('training', 'csv')).rejects.toMatchObject({ code: 'feature-sets-mixed' });
    await expect(dump('training', 'csv', { featureSet: 'fs-other' })).rejects.toMatchObject({
      code: 'feature-set-unknown',
    });
    expect((await dump('training', 'csv', { featureSet: featureSetId })).rows).toBe(1);
    expect((await dump('training', 'ndjson')).rows).toBe(2);
    await transport.close();
  });

  test('CSV has the columns of today where the first row is of an earlier release', async () => {
    const { transport, codecs, dump } = await open();
    const {
      flags: _flags,
      selectionId: _id,
      ...old
    } = JSON.parse(new TextDecoder().decode(codecs.training.encode(sample('old')))) as Record<string, unknown>;
    const values = [utf8.encode(JSON.stringify(old)), codecs.training.encode(sample('new'))];
    expect(codecs.training.decode(values[0]!)).toMatchObject({ flags: [], selectionId: null });
    await transport.append(values.map((value) => ({ topic: 'training' as const, key: null, value })));
    const { lines } = await dump('training', 'csv', { columns: ['sampleId', 'flags', 'selectionId'] });
    expect(lines.slice(1)).toEqual(['old,[],', expect.stringMatching(/^new,.*,5f0c3a1e$/)]);
    await transport.close();
  });

  test('an empty topic is no rows and no text', async () => {
    const { transport, dump } = await open();
    expect(await dump('late', 'csv')).toMatchObject({ rows: 0, text: '' });
    expect(await dump('snapshots', 'ndjson')).toMatchObject({ rows: 0, text: '' });
    await transport.close();
  });

  test('dead letters show their payload as text, or as base64 where it is none', async () => {
    const { transport, dump } = await open();
    const letters = [letter(3), letter(4, { payload: Uint8Array.of(0xff, 0), key: null, itemIndex: 2 })];
    await transport.append(letters.map((one) => ({ topic: 'dead-letters' as const, ...deadLetterToRecord(one) })));
    const [text, binary] = (await dump('dead-letters', 'ndjson')).lines.map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    expect(text).toMatchObject({
      id: '0:0',
      code: 'missing-field',
      stage: 'clean',
      sourceOffset: 3,
      key: 's',
      payload: '{"type":"CLICK"}',
      payloadBase64: null,
    });
    expect(binary).toMatchObject({ id: '0:1', itemIndex: 2, key: null, payload: null, payloadBase64: '/wA=' });
    await transport.close();
  });
});

describe('dead letters', () => {
  test('the filters narrow, and together they narrow further', async () => {
    const { transport } = await open();
    const letters = [letter(0), letter(1, { code: 'undecodable', stage: 'decode' }), letter(2)];
    await transport.append(letters.map((one) => ({ topic: 'dead-letters' as const, ...deadLetterToRecord(one) })));
    const ids = async (filter: object) => (await readDeadLetters(transport, filter)).map(({ id }) => id);
    expect(await ids({})).toEqual(['0:0', '0:1', '0:2']);
    expect(await ids({ code: 'missing-field' })).toEqual(['0:0', '0:2']);
    expect(await ids({ code: 'missing-field', id: ['0:2', '0:1'] })).toEqual(['0:2']);
    expect(await ids({ stage: 'decode' })).toEqual(['0:1']);
    await transport.close();
  });

  test('requeue appends each source message once, bytes and key untouched', async () => {
    const { transport, config } = await open();
    const letters = [
      letter(7, { sourceTopic: 'sluice.impressions', itemIndex: 0 }),
      letter(7, { sourceTopic: 'sluice.impressions', itemIndex: 1 }),
      letter(8),
    ];
    await transport.append(letters.map((one) => ({ topic: 'dead-letters' as const, ...deadLetterToRecord(one) })));
    expect(await requeueDeadLetters(transport, config.topics, { filter: {} })).toMatchObject({ sent: 2, repeated: 1 });
    expect(await transport.endOffsets('impressions')).toEqual([1]);
    expect(await transport.endOffsets('interactions')).toEqual([1]);
    const reader = await transport.reader(['interactions'], 'earliest');
    const [record] = await reader.poll(100);
    expect(new TextDecoder().decode(record!.value!)).toBe('{"type":"CLICK"}');
    expect(new TextDecoder().decode(record!.key!)).toBe('s');
    await reader.close();
    await transport.close();
  });

  test('what a letter holds only the beginning of is read where it came from', async () => {
    const { transport, config } = await open();
    const payload = utf8.encode(`{"type":"CLICK","blob":"${'x'.repeat(20_000)}"}`);
    const key = utf8.encode('s');
    await transport.append([{ topic: 'interactions', key, value: payload, partition: 0 }]);
    const cut = deadLetterToRecord(letter(0, { payload, payloadBytes: payload.length }), 8_192);
    expect(cut.value.length).toBeLessThan(8_192);
    await transport.append([{ topic: 'dead-letters', ...cut }]);
    expect(await requeueDeadLetters(transport, config.topics, { filter: {} })).toMatchObject({ sent: 1 });
    const reader = await transport.reader(['interactions'], 1);
    const [record] = await reader.poll(100);
    expect(record!.value).toEqual(payload);
    expect(record!.key).toEqual(key);
    await reader.close();
    await transport.close();
  });

  test('a cut letter whose source is gone, or is another message, is refused by name and nothing is sent', async () => {
    const { transport, config } = await open();
    await transport.append([{ topic: 'interactions', key: null, value: utf8.encode('another'), partition: 0 }]);
    const payload = new Uint8Array(20_000);
    const gone = deadLetterToRecord(letter(0, { payload, payloadBytes: payload.length }), 8_192);
    await transport.append([
      { topic: 'dead-letters', ...deadLetterToRecord(letter(8)) },
      { topic: 'dead-letters', ...gone },
    ]);
    await expect(requeueDeadLetters(transport, config.topics, { filter: {} })).rejects.toMatchObject({
      code: 'dead-letter-cut',
      details: { id: '0:1', bytes: 20_000, source: 'sluice.interactions-0@0' },
    });
    expect(await transport.endOffsets('interactions')).toEqual([1]);
    const one = { filter: { id: ['0:0'] } };
    expect(await requeueDeadLetters(transport, config.topics, one)).toMatchObject({ sent: 1 });
    await transport.close();
  });

  test('a letter from a topic that is no input is refused', async () => {
    const { transport, config } = await open();
    await transport.append([
      { topic: 'dead-letters', ...deadLetterToRecord(letter(0, { sourceTopic: 'other.topic' })) },
    ]);
    await expect(requeueDeadLetters(transport, config.topics, { filter: {} })).rejects.toMatchObject({
      code: 'topic-missing',
    });
    await transport.close();
  });
});
