import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { avroCodec } from '../../../src/adapters/avro/avro-codec.js';
import { confluentCodec } from '../../../src/adapters/avro/confluent-codec.js';
import { ConfluentSchemas } from '../../../src/adapters/avro/confluent-schemas.js';
import { IMPRESSION_LIST_FIELDS, INTERACTION_FIELD_NAMES } from '../../../src/adapters/avro/known-fields.js';
import { schemaPath, schemaText, type SchemaName } from '../../../src/adapters/avro/schema-files.js';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import { impressionLists, interactions, lateInteractions, trainingSamples } from '../../laws/arbitraries.js';
import { canonical } from '../../laws/codec-laws.js';

const PYTHON = process.env['SLUICE_PYTHON'] ?? 'python3';
const PEER = fileURLToPath(new URL('./python/fastavro_peer.py', import.meta.url));
const RECORD_COUNT = 100;

const found = spawnSync(PYTHON, ['-c', 'import fastavro']).status === 0;
if (!found && process.env['CI'] !== 'true') {
  console.warn(`skipped: ${PYTHON} has no fastavro; name another interpreter in SLUICE_PYTHON`);
}

interface Change {
  readonly drop: readonly string[];
  readonly add: readonly object[];
  readonly values: object;
}
interface Answer {
  readonly schema: string;
  readonly records: readonly unknown[];
  readonly messages: readonly string[];
}

/** Hands messages to Python and returns what it read and what it wrote. */
function peer(name: SchemaName, messages: readonly Uint8Array[], change: Change | null = null): Answer {
  const job = {
    schema: schemaPath(name),
    change,
    messages: messages.map((message) => Buffer.from(message).toString('base64')),
  };
  const { status, stdout, stderr } = spawnSync(PYTHON, [PEER], {
    input: JSON.stringify(job),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${PYTHON}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

/** NaN as Python sends it. */
function withNaN(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([name, one]) => [name, withNaN(one)]));
  if (Array.isArray(value)) return value.map(withNaN);
  return typeof value === 'number' && Number.isNaN(value) ? 'NaN' : value;
}

const bytesOf = (text: string) => Buffer.from(text, 'base64');

const WORDS = [
  ['ImpressionList', impressionLists],
  ['Interaction', interactions],
  ['TrainingSample', trainingSamples],
  ['LateInteraction', lateInteractions],
] as const satisfies readonly (readonly [SchemaName, fc.Arbitrary<object>])[];

describe.skipIf(!found && process.env['CI'] !== 'true')('fastavro', () => {
  test.each(WORDS)('reads every %s that Sluice wrote, and Sluice reads what it writes', (name, arbitrary) => {
    const codec = avroCodec<object>(schemaText(name));
    const records = fc.sample(arbitrary as fc.Arbitrary<object>, RECORD_COUNT);
    const answer = peer(
      name,
      records.map((record) => codec.encode(record)),
    );
    expect(answer.records.map(canonical)).toEqual(records.map((record) => withNaN(canonical(record))));
    expect(answer.messages.map((message) => canonical(codec.decode(bytesOf(message))))).toEqual(records.map(canonical));
  });

  test.each([
    ['ImpressionList', impressionLists, IMPRESSION_LIST_FIELDS, ['query', 'userId']],
    ['Interaction', interactions, INTERACTION_FIELD_NAMES, ['dwellMs', 'requestId']],
  ] as const)(
    'as a producer of %s it may add a field with a default and lack optional ones',
    async (name, arbitrary, knownFields, drop) => {
      const records = fc.sample(
        arbitrary as fc.Arbitrary<object> as fc.Arbitrary<Record<string, unknown>>,
        RECORD_COUNT,
      );
      const plain = avroCodec<object>(schemaText(name));
      const change = { drop, add: [{ name: 'shard', type: 'int', default: 0 }], values: { shard: 7 } };
      const answer = peer(
        name,
        records.map((record) => plain.encode(record)),
        change,
      );

      const registry = {
        schemaById: () => Promise.resolve({ schemaType: 'AVRO', texts: [answer.schema] }),
        url: 'memory',
        versions: () => Promise.resolve([]),
        version: () => Promise.resolve(null),
        register: () => Promise.resolve(1),
      };
      const codec = confluentCodec<Record<string, unknown>>(
        new ConfluentSchemas(registry, new ManualClock()),
        's',
        schemaText(name),
        { knownFields },
      );
      const messages = answer.messages.map((message) =>
        Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), bytesOf(message)]),
      );
      await codec.prepare(messages);
      messages.forEach((message, index) => {
        const { shard, ...decoded } = codec.decode(message);
        expect(shard).toBe(7);
        const kept = Object.entries(records[index]!).filter(([field]) => !(drop as readonly string[]).includes(field));
        const context = { shard: '7', ...(records[index]!['context'] as object | null | undefined) };
        expect(canonical(decoded)).toEqual(canonical({ ...Object.fromEntries(kept), context }));
      });
    },
  );
});
