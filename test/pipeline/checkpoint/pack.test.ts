import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapturedState, Section } from '../../../src/pipeline/checkpoint/capture.js';
import {
  assembleCheckpoint,
  CHECKPOINT_VERSION,
  checkpointRecords,
  packCheckpoint,
  unpackCheckpoint,
} from '../../../src/pipeline/checkpoint/pack.js';
import { FROM_THE_BEGINNING } from '../../../src/pipeline/order/reorder.js';
import type { LogRecord, NewRecord } from '../../../src/ports/transport.js';
import { cleanInteraction, cleanList, shownAs, T0 } from '../kit.js';

const EMPTY: CapturedState = {
  sections: [],
  join: {
    retainedFrom: 0,
    openFrom: 0,
    end: 0,
    emittedBefore: 0,
    nextList: 0,
    oldestList: 0,
    forgetMs: -Infinity,
    lists: [],
  },
  pending: [],
  start: FROM_THE_BEGINNING,
  copying: [],
};

const logged = (records: readonly NewRecord[]): LogRecord[] =>
  records.map(({ key, value, headers = {} }, offset) => ({ offset, key, value, headers, timestampMs: T0 }));

async function roundTrip(captured: CapturedState): Promise<CapturedState> {
  const packed = await packCheckpoint(7, captured);
  return unpackCheckpoint(
    assembleCheckpoint(logged(checkpointRecords({ application: 'app', partition: 3 }, packed)), 3, 7),
  );
}

/** Columns as they are after packing: parts joined. */
function joined({ name, values }: Section): Section {
  if (ArrayBuffer.isView(values)) return { name, values };
  if (values.length === 0) return { name, values: new Float64Array(0) };
  const numbers = values.flatMap((part) => Array.from(part));
  return { name, values: values[0] instanceof Float32Array ? Float32Array.from(numbers) : Float64Array.from(numbers) };
}

const anyNumber = fc.oneof(fc.double(), fc.constantFrom(-Infinity, Infinity, NaN, -0, 5e-324, Number.MAX_VALUE));
const column: fc.Arbitrary<Section['values']> = fc.oneof(
  fc.array(anyNumber).map((values) => Float64Array.from(values)),
  fc.array(anyNumber).map((values) => Float32Array.from(values)),
  fc.int8Array(),
  fc.uint8Array(),
  fc.array(fc.array(anyNumber, { minLength: 1 }).map((values) => Float32Array.from(values))),
  fc.array(fc.array(anyNumber, { minLength: 1 }).map((values) => Float64Array.from(values))),
);
const text = fc.string({ unit: 'binary', maxLength: 20 });
const list = fc
  .record({
    requestId: text,
    session: text,
    contextKeys: fc.option(fc.array(fc.nat())),
    timeMs: fc.integer(),
  })
  .map(({ requestId, timeMs, ...rest }) => ({
    sequence: 4,
    shown: { ...shownAs(cleanList(requestId, timeMs, ['a', 'b'])), ...rest },
    firstImpression: 10,
    weightBefore: 12,
    weight: 2,
    sessionKey: 1,
    requestKey: 2 ** 53 - 1,
    previousOfSession: -1,
    previousOfRequest: 3,
  }));
const timeMs = fc.oneof(fc.integer(), fc.constant(-Infinity));

describe('a packed checkpoint', () => {
  it('gives back exactly what was captured: every bit of every number, every character of every text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(column, { maxLength: 12 }),
        fc.array(list, { maxLength: 5 }),
        fc.array(text, { maxLength: 4 }),
        timeMs,
        timeMs,
        async (columns, lists, ids, newestMs, floorMs) => {
          const captured: CapturedState = {
            ...EMPTY,
            sections: columns.map((values, i) => ({ name: `section ${i}`, values })),
            join: { ...EMPTY.join, lists, forgetMs: floorMs },
            pending: ids.map((interactionId, i) => ({
              interaction: cleanInteraction('CLICK', i, 'a', { interactionId }),
              key: i,
              expiresMs: i,
            })),
            start: { ...FROM_THE_BEGINNING, newestMs: { impressions: newestMs, interactions: T0 }, floorMs },
          };
          const expected = { ...captured, sections: captured.sections.map(joined) };
          const found = await roundTrip(captured);
          expect(found).toEqual(expected);
          found.sections.forEach(({ values }, i) => {
            const bytes = (of: Section['values']): Buffer => Buffer.from((of as Float64Array).buffer);
            expect(bytes(values).equals(bytes(expected.sections[i]!.values))).toBe(true);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of an empty state is one small chunk', async () => {
    const packed = await packCheckpoint(1, EMPTY);
    expect(packed.chunks.length).toBe(1);
    expect(await roundTrip(EMPTY)).toEqual(EMPTY);
  });

  it('that is large goes in chunks below the message limit of Kafka, and comes back whole', async () => {
    const values = new Float64Array(new Uint8Array(randomBytes(4_000_000)).buffer);
    const captured: CapturedState = { ...EMPTY, sections: [{ name: 'noise', values }] };
    const packed = await packCheckpoint(7, captured);
    expect(packed.chunks.length).toBe(5);
    for (const chunk of packed.chunks) expect(chunk.length).toBeLessThan(1_000_000);
    const back = (await roundTrip(captured)).sections[0]!.values as Float64Array;
    expect(Buffer.from(back.buffer).equals(Buffer.from(values.buffer))).toBe(true);
  });
});

describe('a checkpoint out of the topic', () => {
  const captured: CapturedState = {
    ...EMPTY,
    sections: [{ name: 'noise', values: new Float64Array(new Uint8Array(randomBytes(2_000_000)).buffer) }],
  };
  const recordsOf = async (checkpointId: number): Promise<LogRecord[]> =>
    logged(checkpointRecords({ application: 'app', partition: 0 }, await packCheckpoint(checkpointId, captured)));
  const code = (records: readonly LogRecord[], checkpointId: number): string => {
    try {
      assembleCheckpoint(records, 0, checkpointId);
      return 'whole';
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };

  it('is refused as damaged when any chunk is missing or any byte differs', async () => {
    const records = await recordsOf(2);
    expect(code(records, 2)).toBe('whole');
    expect(code(records, 3)).toBe('checkpoint-damaged');
    for (let i = 0; i < records.length; i++) {
      expect(code(records.toSpliced(i, 1), 2)).toBe('checkpoint-damaged');
      const value = Uint8Array.from(records[i]!.value!);
      value[value.length >> 1]! ^= 1;
      expect(code(records.with(i, { ...records[i]!, value }), 2)).toBe('checkpoint-damaged');
      expect(code(records.with(i, { ...records[i]!, value: null }), 2)).toBe('checkpoint-damaged');
    }
  });

  it('of another release is refused by its version, not guessed at', async () => {
    const records = (await recordsOf(2)).map((record) => ({
      ...record,
      headers: { ...record.headers, 'sluice.version': String(CHECKPOINT_VERSION + 1) },
    }));
    expect(code(records, 2)).toBe('checkpoint-version');
  });

  it('is whole whatever an attempt of the same number left behind when it was killed', async () => {
    const other: CapturedState = {
      ...EMPTY,
      sections: [{ name: 'noise', values: new Float64Array(new Uint8Array(randomBytes(3_600_000)).buffer) }],
    };
    const abandoned = logged(
      checkpointRecords({ application: 'app', partition: 0 }, await packCheckpoint(2, other), 0, 3),
    );
    expect(code([...abandoned, ...(await recordsOf(1)), ...(await recordsOf(2))], 2)).toBe('whole');
    expect(code([...(await recordsOf(1)), ...abandoned], 2)).toBe('checkpoint-damaged');
  });

  it('keys three checkpoints apart, so that the one before outlives the one being written', async () => {
    const keys = async (checkpointId: number) =>
      (await recordsOf(checkpointId)).map(({ key }) => new TextDecoder().decode(key!));
    const [first, second, third, fourth] = await Promise.all([4, 5, 6, 7].map(keys));
    expect(new Set([...first!, ...second!, ...third!]).size).toBe(3 * first!.length);
    expect(fourth).toEqual(first);
  });
});
