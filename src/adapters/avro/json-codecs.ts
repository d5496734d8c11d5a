import type { ImpressionList, Interaction, LateInteraction, TrainingSample } from '../../events/words.js';
import type { Codec } from '../../ports/codec.js';
import { jsonCodec } from './json-codec.js';
import { jsonSampleEncoder, typeSampleArrays } from './json-sample.js';
import { jsonSampleReader } from './json-sample-reader.js';
import { keepUnknownFields } from './keep-unknown.js';
import { IMPRESSION_LIST_FIELDS, INTERACTION_FIELD_NAMES } from './known-fields.js';

/** Impression lists as JSON. `verbatim`: fields stay where the producer put them, for a mapping to read. */
export function jsonImpressions(verbatim = false): Codec<ImpressionList> {
  return jsonCodec(verbatim ? {} : { afterParse: (record) => keepUnknownFields(record, IMPRESSION_LIST_FIELDS) });
}

/** Interactions as JSON; `verbatim` as for {@link jsonImpressions}. */
export function jsonInteractions(verbatim = false): Codec<Interaction> {
  return jsonCodec(verbatim ? {} : { afterParse: (record) => keepUnknownFields(record, INTERACTION_FIELD_NAMES) });
}

/** Training samples as JSON: what `sluice dump` prints, whatever the wire format. */
export function jsonSamples(): Codec<TrainingSample> {
  const codec = jsonCodec<TrainingSample>({ isOwn: true, afterParse: typeSampleArrays, encode: jsonSampleEncoder() });
  const read = jsonSampleReader();
  return { ...codec, decode: (value) => read(value) ?? codec.decode(value) };
}

/** Late interactions as JSON. */
export function jsonLate(): Codec<LateInteraction> {
  return jsonCodec({ isOwn: true });
}
