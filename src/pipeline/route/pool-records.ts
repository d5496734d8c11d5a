import { allocate, rowsBetween } from '../../bundle/bundle.js';
import { packRows } from '../../bundle/pack.js';
import { POOLED, type PooledBundle } from '../../bundle/sample.js';
import type { PoolFacts } from '../../events/pool-facts.js';
import type { NewRecord } from '../../ports/transport.js';
import type { ClosedBatch } from '../close/close.js';
import { rateOf, rateOffset } from '../select/sampling-rates.js';
import type { SelectionColumns } from '../select/select.js';
import type { Routes } from './route.js';

/** Where the rows come from, and how many came before them. */
export type PoolOrigin = Pick<PoolFacts, 'ordinal' | 'partition' | 'partitionCount'>;

/** Bytes of the rows of one record: below what a topic takes by default. */
const RECORD_BYTES = 700_000;
const BYTES_BESIDE_FEATURES = 40;

const utf8 = new TextEncoder();

/**
 * Makes the records that fill the learner's pool: the samples that it takes, in their order, a few hundred to some thousands
 * a record. They hold features and numbers and no identifier but a 53-bit hash of the sample's.
 */
export function poolRecords(
  closed: ClosedBatch,
  selected: SelectionColumns,
  { application, featureSetId, foldOf }: Pick<Routes, 'application' | 'featureSetId' | 'foldOf'>,
  origin: PoolOrigin,
): NewRecord[] {
  const rows = pooledRows(closed, selected, foldOf);
  const most = Math.max(1, Math.floor(RECORD_BYTES / (4 * rows.columnCount + BYTES_BESIDE_FEATURES)));
  const records: NewRecord[] = [];
  for (let from = 0; from < rows.rowCount; from += most) {
    const part = rowsBetween(POOLED, rows, from, Math.min(rows.rowCount, from + most));
    const facts: PoolFacts = { ...origin, application, featureSetId, ordinal: origin.ordinal + from };
    const value = packRows(POOLED, part, facts);
    records.push({ topic: 'pool', key: utf8.encode(`${application}/${origin.partition}`), value });
  }
  return records;
}

function pooledRows(closed: ClosedBatch, selected: SelectionColumns, foldOf: Routes['foldOf']): PooledBundle {
  const { rowCount, columnCount } = closed;
  const into = allocate(POOLED, pooledCount(selected, rowCount), columnCount);
  let to = 0;
  let fold = 0;
  for (let i = 0; i < rowCount; i++) {
    if (i === 0 || closed.lists[i] !== closed.lists[i - 1]) fold = foldOf(closed.lists[i]!.shown.session);
    if (selected.pooled[i] === 0) continue;
    into.rows.set(closed.rows.subarray(i * columnCount, (i + 1) * columnCount), to * columnCount);
    into.labels[to] = closed.labels[i]!;
    into.surfaces[to] = closed.surfaces[i]!;
    into.folds[to] = fold;
    into.timesMs[to] = closed.timesMs[i]!;
    into.sampleKeys[to] = closed.sampleKeys[i]!;
    into.weights[to] = 1 / (selected.poolProbabilities[i]! * rateOf(closed, closed.labels[i]!, i));
    into.offsets[to] = selected.poolOffsets[i]! + rateOffset(closed, i);
    to++;
  }
  return into;
}

/** How many of the first samples the pool takes. */
export function pooledCount({ pooled }: SelectionColumns, count: number): number {
  let taken = 0;
  for (let i = 0; i < count; i++) taken += pooled[i]!;
  return taken;
}
