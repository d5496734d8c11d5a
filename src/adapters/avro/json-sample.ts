import type { Carried, History, NamedVector, TrainingSample } from '../../events/words.js';
import { double, JsonWriter, quoted, quotedOrNull } from './json-writer.js';
import type { Fields } from './keep-unknown.js';

/**
 * Makes an encoder of training samples as JSON. Field order and names are those of the schema; features and embeddings
 * are printed as float32 (missing = null), all other numbers as doubles that read back exactly. This is the hot path of
 * every kept sample, hence by hand.
 */
export function jsonSampleEncoder(): (sample: TrainingSample) => Uint8Array {
  const out = new JsonWriter();
  const historyText = textOfLast<History>();
  return (sample) => {
    out.begin();
    out.json(beforeFeatures(sample));
    out.float32s(sample.features);
    if (sample.embeddings === null) {
      out.json(`,"featureSetId":${quoted(sample.featureSetId)},"embeddings":null${afterEmbeddings(sample)}`);
    } else {
      out.json(`,"featureSetId":${quoted(sample.featureSetId)},"embeddings":`);
      writeVectors(out, sample.embeddings);
      out.json(afterEmbeddings(sample));
    }
    if (sample.carried) writeCarried(out, sample.carried);
    if (sample.samplingRate) out.json(`,"samplingRate":${double(sample.samplingRate)}`);
    if (sample.history) out.json(`,"history":${historyText(sample.history)}`);
    out.json('}');
    return out.finish();
  };
}

/** Prints objects as JSON; the one that it printed last, which all samples of a list share, is not printed anew. */
function textOfLast<T extends object>(): (value: T) => string {
  let last: T | undefined;
  let text = '';
  return (value) => {
    if (value !== last) text = JSON.stringify((last = value));
    return text;
  };
}

/** Makes a printer of feature rows as samples in JSON have them: float32, missing = null. */
export function jsonRow(): (row: Float32Array) => string {
  const out = new JsonWriter();
  return (row) => {
    out.begin();
    out.float32s(row);
    return Buffer.from(out.finish()).toString('latin1');
  };
}

function beforeFeatures(sample: TrainingSample): string {
  return (
    `{"sampleId":${quoted(sample.sampleId)},"requestId":${quoted(sample.requestId)},"surface":${quoted(sample.surface)}` +
    `,"eventTimeMs":${double(sample.eventTimeMs)},"closeTimeMs":${double(sample.closeTimeMs)}` +
    `,"sessionPseudonym":${quoted(sample.sessionPseudonym)},"userPseudonym":${quotedOrNull(sample.userPseudonym)}` +
    `,"pseudonymKeyId":${quoted(sample.pseudonymKeyId)},"itemId":${quoted(sample.itemId)}` +
    `,"position":${double(sample.position)},"category":${quotedOrNull(sample.category)}` +
    `,"label":${double(sample.label)},"outcome":${quoted(sample.outcome)},"value":${double(sample.value)}` +
    `,"propensity":${double(sample.propensity)},"features":`
  );
}

function afterEmbeddings(sample: TrainingSample): string {
  return (
    `,"prediction":${double(sample.prediction)},"importance":${double(sample.importance)}` +
    `,"scorer":${quoted(sample.scorer)},"inclusionProbability":${double(sample.inclusionProbability)}` +
    `,"importanceWeight":${double(sample.importanceWeight)},"logOddsOffset":${double(sample.logOddsOffset)}` +
    `,"snapshotVersion":${quoted(sample.snapshotVersion)},"flags":${listed(sample.flags)}` +
    `,"fold":${sample.fold ?? null}` +
    `,"selectionId":${quotedOrNull(sample.selectionId)}`
  );
}

function writeCarried(out: JsonWriter, carried: Carried): void {
  out.json(',"carried":');
  Object.entries(carried).forEach(([path, value], index) => {
    out.json(`${index === 0 ? '{' : ','}${quoted(path)}:`);
    if (typeof value === 'object' && value !== null) out.float32s(value);
    else out.json(JSON.stringify(value));
  });
  out.json('}');
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? '[]' : `[${texts.map(quoted).join(',')}]`;
}

function writeVectors(out: JsonWriter, vectors: readonly NamedVector[]): void {
  vectors.forEach((vector, index) => {
    out.json(`${index === 0 ? '[' : ','}{"name":${quoted(vector.name)},"values":`);
    out.float32s(vector.values);
    out.json('}');
  });
  out.json(vectors.length === 0 ? '[]' : ']');
}

/**
 * Makes a parsed sample's features a Float32Array (null = NaN) and its embeddings float32 numbers, in place. What one of an
 * earlier release lacks takes its default.
 */
export function typeSampleArrays(record: Fields): void {
  record['flags'] ??= [];
  record['selectionId'] ??= null;
  const features = record['features'];
  if (Array.isArray(features)) record['features'] = floatsOf(features);
  const embeddings = record['embeddings'];
  if (!Array.isArray(embeddings)) return;
  for (const vector of embeddings as (Fields | null)[]) {
    const values = vector?.['values'];
    if (vector && Array.isArray(values)) vector['values'] = values.map((value) => Math.fround(floatOrMissing(value)));
  }
}

// A loop: Float32Array.from with a callback takes ten times as long, on every row the learner reads.
function floatsOf(values: readonly unknown[]): Float32Array {
  const floats = new Float32Array(values.length);
  for (let i = 0; i < floats.length; i++) floats[i] = floatOrMissing(values[i]);
  return floats;
}

function floatOrMissing(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
