import type { NamedVector, TrainingSample } from '../../events/words.js';
import { JsonWriter } from './json-writer.js';
import type { Fields } from './keep-unknown.js';

/**
 * Makes an encoder of training samples as JSON. Field order and names are those of the schema; features and embeddings
 * are printed as float32 (missing = null), all other numbers as doubles that read back exactly. This is the hot path of
 * every kept sample, hence by hand.
 */
export function jsonSampleEncoder(): (sample: TrainingSample) => Uint8Array {
  const out = new JsonWriter();
  return (sample) => {
    out.begin();
    writeIdentity(out, sample);
    writeOutcome(out, sample);
    out.raw(',"features":');
    out.float32s(sample.features);
    out.raw(',"featureSetId":');
    out.text(sample.featureSetId);
    writeEmbeddings(out, sample.embeddings);
    writeSelection(out, sample);
    return out.finish();
  };
}

function writeIdentity(out: JsonWriter, sample: TrainingSample): void {
  out.raw('{"sampleId":');
  out.text(sample.sampleId);
  out.raw(',"requestId":');
  out.text(sample.requestId);
  out.raw(',"surface":');
  out.text(sample.surface);
  out.raw(',"eventTimeMs":');
  out.double(sample.eventTimeMs);
  out.raw(',"closeTimeMs":');
  out.double(sample.closeTimeMs);
  out.raw(',"sessionPseudonym":');
  out.text(sample.sessionPseudonym);
  out.raw(',"userPseudonym":');
  out.textOrNull(sample.userPseudonym);
  out.raw(',"pseudonymKeyId":');
  out.text(sample.pseudonymKeyId);
  out.raw(',"itemId":');
  out.text(sample.itemId);
  out.raw(',"position":');
  out.double(sample.position);
  out.raw(',"category":');
  out.textOrNull(sample.category);
}

function writeOutcome(out: JsonWriter, sample: TrainingSample): void {
  out.raw(',"label":');
  out.double(sample.label);
  out.raw(',"outcome":');
  out.text(sample.outcome);
  out.raw(',"value":');
  out.double(sample.value);
  out.raw(',"propensity":');
  out.doubleOrNull(sample.propensity);
}

function writeEmbeddings(out: JsonWriter, embeddings: readonly NamedVector[] | null): void {
  out.raw(',"embeddings":');
  if (embeddings === null) return out.null();
  out.raw('[');
  embeddings.forEach((vector, index) => {
    out.raw(index === 0 ? '{"name":' : ',{"name":');
    out.text(vector.name);
    out.raw(',"values":');
    out.float32s(vector.values);
    out.raw('}');
  });
  out.raw(']');
}

function writeSelection(out: JsonWriter, sample: TrainingSample): void {
  out.raw(',"prediction":');
  out.doubleOrNull(sample.prediction);
  out.raw(',"importance":');
  out.double(sample.importance);
  out.raw(',"scorer":');
  out.text(sample.scorer);
  out.raw(',"inclusionProbability":');
  out.double(sample.inclusionProbability);
  out.raw(',"importanceWeight":');
  out.double(sample.importanceWeight);
  out.raw(',"logOddsOffset":');
  out.double(sample.logOddsOffset);
  out.raw(',"snapshotVersion":');
  out.text(sample.snapshotVersion);
  out.raw('}');
}

/** Makes a parsed sample's features a Float32Array (null = NaN) and its embeddings float32 numbers, in place. */
export function typeSampleArrays(record: Fields): void {
  const features = record['features'];
  if (Array.isArray(features)) record['features'] = Float32Array.from(features, floatOrMissing);
  const embeddings: unknown = record['embeddings'];
  if (!Array.isArray(embeddings)) return;
  for (const vector of embeddings as { values?: unknown }[]) {
    if (Array.isArray(vector?.values)) vector.values = vector.values.map((value: unknown) => Math.fround(floatOrMissing(value)));
  }
}

function floatOrMissing(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
