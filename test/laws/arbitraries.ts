import fc from 'fast-check';
import {
  INTERACTION_TYPES,
  SAMPLE_FLAGS,
  SURFACES,
  type ActedItems,
  type DeadLetter,
  type History,
  type ImpressionList,
  type Interaction,
  type Item,
  type LateInteraction,
  type RefusedPart,
  type NamedVector,
  type ShownItems,
  type TrainingSample,
} from '../../src/events/index.js';

/** Arbitrary records of every word: all the values a topic can carry, the awkward ones included. */

/** Any text without lone surrogates: every script, quotes, control characters, entities. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\u0000',
    '\u2028',
    '&amp;',
    'Köln',
    '東京 ホテル',
    '👩‍👩‍👧',
    'a'.repeat(300),
    '\ufffd',
    '\ufeff',
  ),
);
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(fc.option(one, { nil: null }), { nil: undefined });
const long = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 63, -64, 64, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const timeMs = fc.oneof(fc.integer({ min: 1_400_000_000_000, max: 2_000_000_000_000 }), long);
const int = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer());
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const float = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 100_000 }),
  fc.integer({ min: 0, max: 10_000 }).map((hundredths) => Math.fround(hundredths / 100)),
);
const probability = fc.double({ min: 1e-12, max: 1, noNaN: true });
const map = fc.dictionary(text, text, { maxKeys: 5 });
const outcome = fc.constantFrom('NONE' as const, ...INTERACTION_TYPES);
const label = fc.constantFrom(0 as const, 1 as const);
const bytes = fc.uint8Array({ maxLength: 200 });

const vector: fc.Arbitrary<NamedVector> = fc.record({ name: text, values: fc.array(float, { maxLength: 8 }) });

/** Fields that are `undefined` are left out, as a producer leaves them out. */
function sparse<T extends object>(record: { [K in keyof T]: fc.Arbitrary<T[K] | undefined> }): fc.Arbitrary<T> {
  return fc
    .record(record as Record<string, fc.Arbitrary<unknown>>)
    .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T);
}

const items: fc.Arbitrary<Item> = sparse<Required<Item>>({
  itemId: text,
  position: int,
  impressionId: maybe(text),
  title: maybe(text),
  category: maybe(text),
  price: maybe(double),
  currency: maybe(text),
  description: maybe(text),
  propensity: maybe(probability),
  attributes: maybe(map),
  samplingRate: maybe(probability),
  negativeSamplingRate: maybe(probability),
  vectors: maybe(fc.array(vector, { maxLength: 2 })),
});

export const impressionLists: fc.Arbitrary<ImpressionList> = sparse<Required<ImpressionList>>({
  requestId: text,
  eventTimeMs: timeMs,
  surface: fc.constantFrom(...SURFACES),
  sessionId: text,
  userId: maybe(text),
  query: maybe(text),
  context: maybe(map),
  items: fc.array(items, { maxLength: 6 }),
  vectors: maybe(fc.array(vector, { maxLength: 2 })),
});

export const interactions: fc.Arbitrary<Interaction> = sparse<Required<Interaction>>({
  interactionId: text,
  eventTimeMs: timeMs,
  type: fc.constantFrom(...INTERACTION_TYPES),
  sessionId: text,
  userId: maybe(text),
  itemId: text,
  requestId: maybe(text),
  impressionId: maybe(text),
  value: maybe(double),
  dwellMs: maybe(double),
  context: maybe(map),
});

const gapsMs = fc.array(fc.maxSafeNat(), { maxLength: 4 });
const actedItems: fc.Arbitrary<ActedItems> = gapsMs.chain((gaps) => {
  const each = { minLength: gaps.length, maxLength: gaps.length };
  return fc.record({
    itemIds: fc.array(text, each),
    types: fc.array(fc.constantFrom(...INTERACTION_TYPES), each),
    gapsMs: fc.constant(gaps),
  });
});
const shownItems: fc.Arbitrary<ShownItems> = actedItems.map(({ itemIds, gapsMs }) => ({ itemIds, gapsMs }));
const histories: fc.Arbitrary<History> = fc.record({
  sessionActed: optional(actedItems),
  sessionShown: optional(shownItems),
  userActed: optional(actedItems),
  userShown: optional(shownItems),
});

export const trainingSamples: fc.Arbitrary<TrainingSample> = fc.record({
  sampleId: text,
  requestId: text,
  surface: fc.constantFrom(...SURFACES),
  eventTimeMs: timeMs,
  closeTimeMs: timeMs,
  sessionPseudonym: text,
  userPseudonym: optional(text),
  pseudonymKeyId: text,
  itemId: text,
  position: int,
  category: optional(text),
  label,
  outcome,
  value: double,
  propensity: optional(probability),
  features: fc
    .array(fc.oneof(float, fc.constant(Number.NaN)), { maxLength: 60 })
    .map((values) => Float32Array.from(values)),
  featureSetId: text,
  embeddings: optional(fc.array(vector, { maxLength: 2 })),
  prediction: optional(probability),
  importance: fc.double({ min: 0, max: 1e9, noNaN: true }),
  scorer: text,
  inclusionProbability: probability,
  importanceWeight: fc.double({ min: 1, max: 1e12, noNaN: true }),
  logOddsOffset: double,
  snapshotVersion: text,
  flags: fc.subarray([...SAMPLE_FLAGS]),
  selectionId: optional(text),
  history: optional(histories),
});

export const lateInteractions: fc.Arbitrary<LateInteraction> = fc.record({
  interactionId: text,
  eventTimeMs: timeMs,
  type: fc.constantFrom(...INTERACTION_TYPES),
  sessionPseudonym: text,
  pseudonymKeyId: text,
  itemId: text,
  requestId: optional(text),
  sampleId: text,
  impressionTimeMs: timeMs,
  pastWindowMs: fc.nat(),
  behindWatermarkMs: fc.nat(),
  labelWas: label,
  labelWouldBe: label,
  outcomeWas: outcome,
  outcomeWouldBe: outcome,
});

const refusedParts: fc.Arbitrary<RefusedPart> = fc.record({
  code: fc.constantFrom('undecodable', 'missing-field', 'invalid-field'),
  reason: text,
  itemIndex: optional(fc.nat(1_000)),
});

export const deadLetters: fc.Arbitrary<DeadLetter> = fc
  .record({
    stage: fc.constantFrom('decode', 'clean'),
    sourceTopic: fc.constantFrom('sluice.impressions', 'shown.v2'),
    sourcePartition: fc.nat(10_000),
    sourceOffset: fc.maxSafeNat(),
    refused: fc.array(refusedParts, { minLength: 1, maxLength: 5 }),
    payload: bytes,
    key: optional(bytes),
    sourceTimeMs: timeMs,
  })
  .map((facts) => ({
    ...facts.refused[0]!,
    ...facts,
    refusedCount: facts.refused.length,
    payloadBytes: facts.payload.length,
    payloadSha256: null,
  }));
