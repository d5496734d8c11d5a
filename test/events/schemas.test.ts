import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAvroSchemas } from '../../src/adapters/avro/avro-type.js';
import { SCHEMA_NAMES, schemaPath, schemaText, type SchemaName } from '../../src/adapters/avro/schema-files.js';
import {
  INTERACTION_TYPES,
  SURFACES,
  type ActedItems,
  type DeadLetter,
  type History,
  type RefusedPart,
  type ImpressionList,
  type Interaction,
  type Item,
  type LateInteraction,
  type NamedVector,
  type ShownItems,
  type TrainingSample,
} from '../../src/events/index.js';
import type { Calibration, CalibrationFigures, ReliabilityBin } from '../../src/snapshot/calibration.js';
import type {
  Decision,
  Evaluation,
  MetricInterval,
  MetricIntervals,
  ModelMetrics,
  Provenance,
  SelfTest,
  SnapshotManifest,
  TrainedOn,
  UntilOffsets,
} from '../../src/snapshot/manifest.js';

/** Whether a field may be absent or null. The compiler holds these lists to the types: a field too many or too few is an error. */
type Fields<T> = { readonly [K in keyof Required<T>]: null extends T[K] ? 'optional' : 'required' };

const impressionList: Fields<ImpressionList> = {
  requestId: 'required',
  eventTimeMs: 'required',
  surface: 'required',
  sessionId: 'required',
  userId: 'optional',
  query: 'optional',
  context: 'optional',
  items: 'required',
  vectors: 'optional',
};
const item: Fields<Item> = {
  itemId: 'required',
  position: 'required',
  impressionId: 'optional',
  title: 'optional',
  category: 'optional',
  price: 'optional',
  currency: 'optional',
  description: 'optional',
  propensity: 'optional',
  attributes: 'optional',
  samplingRate: 'optional',
  negativeSamplingRate: 'optional',
  vectors: 'optional',
};
const namedVector: Fields<NamedVector> = { name: 'required', values: 'required' };
const interaction: Fields<Interaction> = {
  interactionId: 'required',
  eventTimeMs: 'required',
  type: 'required',
  sessionId: 'required',
  userId: 'optional',
  itemId: 'required',
  requestId: 'optional',
  impressionId: 'optional',
  value: 'optional',
  dwellMs: 'optional',
  context: 'optional',
};
const trainingSample: Fields<TrainingSample> = {
  sampleId: 'required',
  requestId: 'required',
  surface: 'required',
  eventTimeMs: 'required',
  closeTimeMs: 'required',
  sessionPseudonym: 'required',
  userPseudonym: 'optional',
  pseudonymKeyId: 'required',
  itemId: 'required',
  position: 'required',
  category: 'optional',
  label: 'required',
  outcome: 'required',
  value: 'required',
  propensity: 'optional',
  features: 'required',
  featureSetId: 'required',
  embeddings: 'optional',
  prediction: 'optional',
  importance: 'required',
  scorer: 'required',
  inclusionProbability: 'required',
  importanceWeight: 'required',
  logOddsOffset: 'required',
  snapshotVersion: 'required',
  flags: 'required',
  fold: 'optional',
  selectionId: 'optional',
  carried: 'optional',
  samplingRate: 'optional',
  history: 'optional',
};
const history: Fields<History> = {
  sessionActed: 'optional',
  sessionShown: 'optional',
  userActed: 'optional',
  userShown: 'optional',
};
const actedItems: Fields<ActedItems> = { itemIds: 'required', types: 'required', gapsMs: 'required' };
const shownItems: Fields<ShownItems> = { itemIds: 'required', gapsMs: 'required' };
const lateInteraction: Fields<LateInteraction> = {
  interactionId: 'required',
  eventTimeMs: 'required',
  type: 'required',
  sessionPseudonym: 'required',
  pseudonymKeyId: 'required',
  itemId: 'required',
  requestId: 'optional',
  sampleId: 'required',
  impressionTimeMs: 'required',
  pastWindowMs: 'required',
  behindWatermarkMs: 'required',
  labelWas: 'required',
  labelWouldBe: 'required',
  outcomeWas: 'required',
  outcomeWouldBe: 'required',
};
const deadLetter: Fields<DeadLetter> = {
  code: 'required',
  stage: 'required',
  reason: 'required',
  sourceTopic: 'required',
  sourcePartition: 'required',
  sourceOffset: 'required',
  itemIndex: 'optional',
  payload: 'required',
  payloadBytes: 'required',
  payloadSha256: 'optional',
  refused: 'required',
  refusedCount: 'required',
  key: 'optional',
  sourceTimeMs: 'required',
};
const refusedPart: Fields<RefusedPart> = { code: 'required', reason: 'required', itemIndex: 'optional' };
const modelSnapshot: Fields<SnapshotManifest> = {
  version: 'required',
  createdAtMs: 'required',
  featureSetId: 'required',
  columns: 'required',
  learner: 'required',
  memberCount: 'required',
  trainedOn: 'required',
  gain: 'required',
  fitMs: 'required',
  calibration: 'optional',
  metrics: 'required',
  parent: 'optional',
  decision: 'required',
  provenance: 'optional',
  selfTest: 'optional',
  bytes: 'required',
  sha256: 'required',
  chunkCount: 'required',
  chunkBytes: 'required',
};
const trainedOn: Fields<TrainedOn> = {
  rows: 'required',
  positives: 'required',
  sumOfWeights: 'required',
  seen: 'optional',
  seenBy: 'optional',
  untilOffsets: 'required',
};
const untilOffsets: Fields<UntilOffsets> = { training: 'required', audit: 'required' };
const snapshotMetrics: Fields<SnapshotManifest['metrics']> = { candidate: 'optional', champion: 'optional' };
const evaluation: Fields<Evaluation> = {
  overall: 'required',
  surfaces: 'required',
  reliability: 'optional',
  intervals: 'optional',
};
const metricIntervals: Fields<MetricIntervals> = {
  auc: 'optional',
  normalisedEntropy: 'optional',
  calibration: 'optional',
};
const metricInterval: Fields<MetricInterval> = { lower: 'required', upper: 'required' };
const provenance: Fields<Provenance> = { seed: 'optional', configSha256: 'required', versions: 'required' };
const selfTest: Fields<SelfTest> = { rows: 'required', predictions: 'required' };
const calibration: Fields<Calibration> = {
  method: 'required',
  reason: 'required',
  slope: 'required',
  intercept: 'required',
  rows: 'required',
  positives: 'required',
  untilMs: 'optional',
  heldOutRows: 'required',
  heldOutPositives: 'required',
  before: 'optional',
  after: 'optional',
};
const calibrationFigures: Fields<CalibrationFigures> = {
  logLoss: 'optional',
  calibration: 'optional',
  expectedCalibrationError: 'optional',
};
const reliabilityBin: Fields<ReliabilityBin> = {
  sampleCount: 'required',
  meanPrediction: 'required',
  positiveShare: 'required',
};
const decision: Fields<Decision> = {
  outcome: 'required',
  reason: 'required',
  sampleCount: 'required',
  meanGain: 'optional',
  lowerBound: 'optional',
  upperBound: 'optional',
};
const modelMetrics: Fields<ModelMetrics> = {
  sampleCount: 'required',
  positiveCount: 'required',
  logLoss: 'optional',
  normalisedEntropy: 'optional',
  auc: 'optional',
  calibration: 'optional',
  expectedCalibrationError: 'optional',
  threshold: 'optional',
  accuracy: 'optional',
  precision: 'optional',
  recall: 'optional',
  f1: 'optional',
};

const WORDS: readonly (readonly [SchemaName, string, object])[] = [
  ['ImpressionList', 'ImpressionList', impressionList],
  ['ImpressionList', 'Item', item],
  ['ImpressionList', 'NamedVector', namedVector],
  ['Interaction', 'Interaction', interaction],
  ['TrainingSample', 'TrainingSample', trainingSample],
  ['TrainingSample', 'NamedVector', namedVector],
  ['TrainingSample', 'History', history],
  ['TrainingSample', 'ActedItems', actedItems],
  ['TrainingSample', 'ShownItems', shownItems],
  ['LateInteraction', 'LateInteraction', lateInteraction],
  ['DeadLetter', 'DeadLetter', deadLetter],
  ['DeadLetter', 'RefusedPart', refusedPart],
  ['ModelSnapshot', 'ModelSnapshot', modelSnapshot],
  ['ModelSnapshot', 'TrainedOn', trainedOn],
  ['ModelSnapshot', 'UntilOffsets', untilOffsets],
  ['ModelSnapshot', 'SnapshotMetrics', snapshotMetrics],
  ['ModelSnapshot', 'Evaluation', evaluation],
  ['ModelSnapshot', 'Calibration', calibration],
  ['ModelSnapshot', 'CalibrationFigures', calibrationFigures],
  ['ModelSnapshot', 'ReliabilityBin', reliabilityBin],
  ['ModelSnapshot', 'Decision', decision],
  ['ModelSnapshot', 'ModelMetrics', modelMetrics],
  ['ModelSnapshot', 'MetricIntervals', metricIntervals],
  ['ModelSnapshot', 'MetricInterval', metricInterval],
  ['ModelSnapshot', 'Provenance', provenance],
  ['ModelSnapshot', 'SelfTest', selfTest],
];

interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly doc?: string;
  readonly default?: unknown;
}
interface Named {
  readonly type: string;
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields?: readonly Field[];
  readonly symbols?: readonly string[];
}

/** All named types of a schema, the outermost first. */
function namedTypes(schema: unknown): Named[] {
  if (Array.isArray(schema)) return schema.flatMap(namedTypes);
  if (typeof schema !== 'object' || schema === null) return [];
  const type = schema as Named & { items?: unknown; values?: unknown };
  return [
    ...(typeof type.name === 'string' ? [type] : []),
    ...(type.fields ?? []).flatMap((field) => namedTypes(field.type)),
    ...namedTypes(type.items),
    ...namedTypes(type.values),
  ];
}

const typesOf = (name: SchemaName) => namedTypes(JSON.parse(schemaText(name)));
const isOptional = (field: Field) => Array.isArray(field.type) && field.type[0] === 'null';

describe('schemas and words', () => {
  test.each(WORDS)(
    '%s.avsc has exactly the fields of %s, in its order, optional where they are',
    (schema, word, fields) => {
      const type = typesOf(schema).find(({ name }) => name === word);
      const written = (type?.fields ?? []).map((field) => [field.name, isOptional(field) ? 'optional' : 'required']);
      expect(written).toEqual(Object.entries(fields));
    },
  );

  test('every record of every schema has a list here', () => {
    const listed = new Set(WORDS.map(([schema, word]) => `${schema}/${word}`));
    const written = SCHEMA_NAMES.filter((schema) => schema !== 'Checkpoint').flatMap((schema) =>
      typesOf(schema).flatMap(({ type, name }) => (type === 'record' ? [`${schema}/${name}`] : [])),
    );
    expect(new Set(written)).toEqual(listed);
  });

  test('enums have the symbols of the words, in their order', () => {
    const symbols = { Surface: SURFACES, InteractionType: INTERACTION_TYPES, Outcome: ['NONE', ...INTERACTION_TYPES] };
    for (const schema of SCHEMA_NAMES) {
      for (const { name, symbols: written } of typesOf(schema)) {
        if (name in symbols)
          expect([schema, name, written]).toEqual([schema, name, symbols[name as keyof typeof symbols]]);
      }
    }
  });
});

describe('every schema', () => {
  test('the folder holds these schemas and no other', () => {
    const folder = join(schemaPath('DeadLetter'), '..');
    expect(
      readdirSync(folder)
        .filter((file) => file.endsWith('.avsc'))
        .sort(),
    ).toEqual(SCHEMA_NAMES.map((name) => `${name}.avsc`).sort());
  });

  test.each(SCHEMA_NAMES)('%s parses, and is named as its file in namespace sluice.v1', (name) => {
    expect(existsSync(schemaPath(name))).toBe(true);
    expect(parseAvroSchemas([schemaText(name)])).toMatchObject({
      kind: 'record',
      name: `sluice.v1.${basename(schemaPath(name), '.avsc')}`,
    });
  });

  test.each(SCHEMA_NAMES)(
    '%s says what every type and field is; an optional field is null by default, and flags none',
    (name) => {
      for (const type of typesOf(name)) {
        expect([type.name, type.doc ?? '']).toEqual([type.name, expect.stringMatching(/\.$/)]);
        for (const field of type.fields ?? []) {
          expect([field.name, field.doc ?? '']).toEqual([field.name, expect.stringMatching(/\.$/)]);
          if (isOptional(field)) expect([field.name, field.default]).toEqual([field.name, null]);
          else if ('default' in field) expect([field.name, field.default]).toEqual(['flags', []]);
        }
      }
    },
  );

  test.each(SCHEMA_NAMES)('%s names the unit of every time', (name) => {
    for (const field of typesOf(name).flatMap(({ fields }) => fields ?? [])) {
      if (field.name.endsWith('Ms')) expect(`${field.name}: ${field.doc}`).toMatch(/milliseconds/);
    }
  });
});
