export { createCodecs, deadLetterHeaders, type CodecOptions, type Codecs } from './create-codecs.js';
export { jsonImpressions, jsonInteractions, jsonLate, jsonSamples } from './json-codecs.js';
export { schemaText } from './schema-files.js';
