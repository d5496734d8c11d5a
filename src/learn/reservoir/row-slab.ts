import { allocate, enlarged, gathered } from '../../bundle/bundle.js';
import { HELD, SLAB, type HeldBundle } from '../../bundle/sample.js';
import type { Fold } from '../../events/fold.js';
import { SURFACES, type Surface } from '../../events/words.js';

/** A row as the learner keeps it. */
export interface KeptRow {
  /** One number a column; NaN = missing. */
  readonly features: ArrayLike<number>;
  readonly label: 0 | 1;
  /** 1 / inclusion probability. */
  readonly weight: number;
  /** Log-odds offset, natural log. */
  readonly offset: number;
  readonly surface: Surface;
  readonly fold: Fold;
  /** Rows are handed out in this order, equal ones in that of `draw`: it never depends on how topics were interleaved. */
  readonly timeKey: number;
  /** 32 random bits that belong to the sample, independent of what decided that it is held; see `drawOf`. */
  readonly draw: number;
}

/** The rows of highest priority among all that were offered, at most `capacity`, in flat arrays. */
export interface RowSlab {
  readonly size: number;
  readonly capacity: number;
  /** Keeps the row when it is among the `capacity` of highest priority so far; ties go to the higher `draw`. True when kept. */
  offer(priority: number, row: KeptRow): boolean;
  /** Copies of its rows, oldest first: a fit may take the buffers with it to another thread. */
  ordered(): HeldBundle;
}

const FIRST_ROWS = 1_024;

/**
 * Makes an empty slab. Holds capacity × (4 × columnCount + 35) bytes once full, growing by doubling until then. An offer
 * costs O(log capacity) when kept and O(1) otherwise.
 */
export function createRowSlab(capacity: number, columnCount: number): RowSlab {
  let size = 0;
  let held = allocate(SLAB, Math.min(capacity, FIRST_ROWS), columnCount);
  // Slots as a heap with the lowest priority on top: the one that leaves next.
  let heap = new Uint32Array(held.rowCount);

  function grow(): void {
    held = enlarged(SLAB, held, Math.min(capacity, held.rowCount * 2));
    const larger = new Uint32Array(held.rowCount);
    larger.set(heap);
    heap = larger;
  }

  function write(slot: number, priority: number, row: KeptRow): void {
    held.rows.set(row.features, slot * columnCount);
    held.labels[slot] = row.label;
    held.surfaces[slot] = SURFACES.indexOf(row.surface);
    held.weights[slot] = row.weight;
    held.offsets[slot] = row.offset;
    held.timeKeys[slot] = row.timeKey;
    held.draws[slot] = row.draw;
    held.folds[slot] = row.fold;
    held.priorities[slot] = priority;
  }

  /** True when the row of slot `a` leaves before that of slot `b`. */
  function isBelow(a: number, b: number): boolean {
    const { priorities, draws } = held;
    return priorities[a]! < priorities[b]! || (priorities[a]! === priorities[b]! && draws[a]! < draws[b]!);
  }

  function riseFrom(at: number): void {
    const slot = heap[at]!;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBelow(slot, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = slot;
  }

  function sinkFromTop(): void {
    const slot = heap[0]!;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isBelow(heap[child + 1]!, heap[child]!)) child++;
      if (!isBelow(heap[child]!, slot)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = slot;
  }

  return {
    capacity,
    get size() {
      return size;
    },
    offer(priority, row) {
      if (size < capacity) {
        if (size === held.rowCount) grow();
        write(size, priority, row);
        heap[size] = size;
        riseFrom(size++);
        return true;
      }
      const { priorities, draws } = held;
      const lowest = heap[0]!;
      const isHigher =
        priority > priorities[lowest]! || (priority === priorities[lowest]! && row.draw > draws[lowest]!);
      if (!isHigher) return false;
      write(lowest, priority, row);
      sinkFromTop();
      return true;
    },
    ordered() {
      const { timeKeys, draws } = held;
      const order = Uint32Array.from({ length: size }, (_, slot) => slot);
      order.sort((a, b) => timeKeys[a]! - timeKeys[b]! || draws[a]! - draws[b]! || a - b);
      return gathered(HELD, held, order);
    },
  };
}
