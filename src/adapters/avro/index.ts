export { createCodecs, deadLetterHeaders, type CodecOptions, type Codecs } from './create-codecs.js';
export { IMPRESSION_LIST_FIELDS, INTERACTION_FIELD_NAMES, ITEM_FIELDS } from './known-fields.js';
export { jsonImpressions, jsonInteractions, jsonLate, jsonSamples } from './json-codecs.js';
export { jsonRow } from './json-sample.js';
export { schemaText } from './schema-files.js';
