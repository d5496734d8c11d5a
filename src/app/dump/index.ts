export { type DumpChoice, dumpTopic, type LineFormat } from './dump.js';
export { dumpTable, type TableFormat } from './dump-table.js';
export { type DumpedTopic, type DumpSource, type RecordTopic } from './records.js';
export { followToFiles } from './follow-files.js';
