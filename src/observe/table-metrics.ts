import { ANY, metrics } from './metric-entry.js';

/** What became of a look-up. */
export const LOOKUP_OUTCOMES = ['found', 'missing', 'no-key'] as const;

/** Metrics of the tables beside the stream. */
export const TABLE_METRICS = metrics({
  sluice_table_rows_total: {
    type: 'counter',
    help: 'Rows of a table that were read, by what they are: a version (`read`), one that counts from later than its time (`late`), the end of a row (`deleted`), none (`unreadable`). A start reads all of them.',
    labels: { table: ANY, outcome: ['read', 'late', 'deleted', 'unreadable'] },
  },
  sluice_table_lookups_total: {
    type: 'counter',
    help: 'Rows that items of impression lists asked for, by outcome: there is one as of then, there is none, or the item has no key. A list that a restart reads again counts again.',
    labels: { table: ANY, outcome: LOOKUP_OUTCOMES },
  },
  sluice_table_versions: {
    type: 'gauge',
    help: 'Versions of rows that are held, by table.',
    labels: { table: ANY },
  },
});
