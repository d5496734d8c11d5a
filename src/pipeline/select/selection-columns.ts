import { allocate, type ColumnsOf } from '../../bundle/bundle.js';
import { SELECTED, type SelectedLayout } from '../../bundle/sample.js';

/** Columns of a batch's selection facts, one entry a sample; reused from batch to batch, hence with room for more. */
export type SelectionColumns = ColumnsOf<SelectedLayout>;

/** Columns with room for some samples; selecting reserves what it needs. */
export function selectionColumns(rowCount = 0): SelectionColumns {
  return allocate(SELECTED, rowCount);
}
