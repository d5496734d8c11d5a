/** What a stream reads mapped messages and tables with; `importMapped` and `importTrivago`, which the verb alone needs, stand in their files. */
export { loadMapping, parseMapping } from './load-mapping.js';
export { compileTopicMapping, type TopicMapping } from './topic-mapping.js';
export { mappingJsonSchema } from './mapping-json-schema.js';
export type { Mapping } from './mapping-schema.js';
export type { OnProgress } from './event-sink.js';
export { type LogRow, PLAIN_ROWS, readRows } from './rows.js';
