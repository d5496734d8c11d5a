export { type DumpChoice, dumpTopic, type LineFormat } from './dump.js';
export { dumpTable, type TableFormat } from './dump-table.js';
export { DUMPED_TOPICS, type DumpedTopic, type DumpSource, type RecordTopic } from './records.js';
