import { ELEMENTS, type Layout } from './bundle.js';
import { SLAB } from './sample.js';

/** Bytes of one row of a layout without texts. */
export function rowBytes(layout: Layout, columnCount: number): number {
  let bytes = 0;
  for (const declared of Object.values(layout)) {
    if (declared === 'text') continue;
    const [type, width] = typeof declared === 'string' ? [declared, 1] : [declared.perFeature, columnCount];
    bytes += ELEMENTS[type].BYTES_PER_ELEMENT * width;
  }
  return bytes;
}

/** Rows that the learner has room for: as many as asked for, or as fit into the bytes. At least 1. */
export function rowsOfReservoir(
  { reservoirSize, reservoirBytes }: { readonly reservoirSize: number; readonly reservoirBytes: number },
  columnCount: number,
): number {
  return Math.max(1, Math.min(reservoirSize, Math.floor(reservoirBytes / rowBytes(SLAB, columnCount))));
}
