import type { Surface } from '../../events/words.js';
import { SURFACES } from '../../events/words.js';

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
  /** Rows are handed out in this order, equal ones in that of `draw`: it never depends on how topics were interleaved. */
  readonly timeKey: number;
  /** 32 random bits that belong to the sample, independent of what decided that it is held; see `drawOf`. */
  readonly draw: number;
}

/** Copies of the rows of a slab, oldest first: a fit may take the buffers with it to another thread. */
export interface OrderedRows {
  /** rowCount × columnCount, row-major. */
  readonly rows: Float32Array;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly labels: Uint8Array;
  readonly weights: Float32Array;
  readonly offsets: Float32Array;
  /** Index into SURFACES. */
  readonly surfaces: Uint8Array;
}

/** Rows with their place in time. */
export interface TimedRows extends OrderedRows {
  /** Ascending: event time in epoch milliseconds plus a fraction in (0,1) that belongs to the sample. */
  readonly timeKeys: Float64Array;
}

/** The rows from index `from` to before `to`, as views. */
export function rowsBetween(rows: TimedRows, from: number, to: number): TimedRows {
  const { columnCount } = rows;
  return {
    rows: rows.rows.subarray(from * columnCount, to * columnCount),
    rowCount: to - from,
    columnCount,
    labels: rows.labels.subarray(from, to),
    weights: rows.weights.subarray(from, to),
    offsets: rows.offsets.subarray(from, to),
    surfaces: rows.surfaces.subarray(from, to),
    timeKeys: rows.timeKeys.subarray(from, to),
  };
}

/** Rows of a slab with what tells them apart. */
export interface HeldRows extends TimedRows {
  /** 32 random bits a sample, the same in every reading. */
  readonly draws: Uint32Array;
}

/** The rows of highest priority among all that were offered, at most `capacity`, in flat arrays. */
export interface RowSlab {
  readonly size: number;
  readonly capacity: number;
  /** Keeps the row when it is among the `capacity` of highest priority so far; ties go to the higher `draw`. True when kept. */
  offer(priority: number, row: KeptRow): boolean;
  ordered(): HeldRows;
}

const FIRST_ROWS = 1_024;

/**
 * Makes an empty slab. Holds capacity × (4 × columnCount + 34) bytes once full, growing by doubling until then. An offer
 * costs O(log capacity) when kept and O(1) otherwise.
 */
export function createRowSlab(capacity: number, columnCount: number): RowSlab {
  let allocated = Math.min(capacity, FIRST_ROWS);
  let size = 0;
  let rows = new Float32Array(allocated * columnCount);
  let labels = new Uint8Array(allocated);
  let surfaces = new Uint8Array(allocated);
  let weights = new Float32Array(allocated);
  let offsets = new Float32Array(allocated);
  let timeKeys = new Float64Array(allocated);
  let draws = new Uint32Array(allocated);
  let priorities = new Float64Array(allocated);
  // Slots as a heap with the lowest priority on top: the one that leaves next.
  let heap = new Uint32Array(allocated);

  function grow(): void {
    allocated = Math.min(capacity, allocated * 2);
    rows = enlarged(rows, new Float32Array(allocated * columnCount));
    labels = enlarged(labels, new Uint8Array(allocated));
    surfaces = enlarged(surfaces, new Uint8Array(allocated));
    weights = enlarged(weights, new Float32Array(allocated));
    offsets = enlarged(offsets, new Float32Array(allocated));
    timeKeys = enlarged(timeKeys, new Float64Array(allocated));
    draws = enlarged(draws, new Uint32Array(allocated));
    priorities = enlarged(priorities, new Float64Array(allocated));
    heap = enlarged(heap, new Uint32Array(allocated));
  }

  function write(slot: number, priority: number, row: KeptRow): void {
    rows.set(row.features, slot * columnCount);
    labels[slot] = row.label;
    surfaces[slot] = SURFACES.indexOf(row.surface);
    weights[slot] = row.weight;
    offsets[slot] = row.offset;
    timeKeys[slot] = row.timeKey;
    draws[slot] = row.draw;
    priorities[slot] = priority;
  }

  /** True when the row of slot `a` leaves before that of slot `b`. */
  function isBelow(a: number, b: number): boolean {
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
        if (size === allocated) grow();
        write(size, priority, row);
        heap[size] = size;
        riseFrom(size++);
        return true;
      }
      const lowest = heap[0]!;
      const isHigher =
        priority > priorities[lowest]! || (priority === priorities[lowest]! && row.draw > draws[lowest]!);
      if (!isHigher) return false;
      write(lowest, priority, row);
      sinkFromTop();
      return true;
    },
    ordered() {
      const order = Uint32Array.from({ length: size }, (_, slot) => slot);
      order.sort((a, b) => timeKeys[a]! - timeKeys[b]! || draws[a]! - draws[b]! || a - b);
      const into = new Float32Array(size * columnCount);
      for (let i = 0; i < size; i++)
        into.set(rows.subarray(order[i]! * columnCount, (order[i]! + 1) * columnCount), i * columnCount);
      return {
        rows: into,
        rowCount: size,
        columnCount,
        labels: Uint8Array.from(order, (slot) => labels[slot]!),
        weights: Float32Array.from(order, (slot) => weights[slot]!),
        offsets: Float32Array.from(order, (slot) => offsets[slot]!),
        surfaces: Uint8Array.from(order, (slot) => surfaces[slot]!),
        timeKeys: Float64Array.from(order, (slot) => timeKeys[slot]!),
        draws: Uint32Array.from(order, (slot) => draws[slot]!),
      };
    },
  };
}

function enlarged<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
