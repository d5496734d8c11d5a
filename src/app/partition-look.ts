import type { Partition } from '../pipeline/partition.js';
import type { Counts } from '../pipeline/progress/counts.js';

/** What of a partition is looked at from outside its chain, whichever thread that lives in. */
export interface PartitionLook {
  readonly counts: Readonly<Counts>;
  readonly isDone: boolean;
  /** ln μ of the budget controller; null before the first scored sample. */
  readonly lnMu: number | null;
  readonly watermarkMs: number;
  /** Messages that wait for their turn, and the event time of the first of them. */
  readonly waitingCount: number;
  readonly oldestWaitingMs: number | undefined;
  /** Impressions that wait for their outcome, and when the first of them was shown. */
  readonly openCount: number;
  readonly oldestOpenMs: number | undefined;
  /** The same of those that are closed and not yet scored. */
  readonly closedCount: number;
  readonly oldestClosedMs: number | undefined;
}

/** Looks at a partition of this thread; nothing is copied, everything is as of now. */
export function lookAt(partition: Partition): PartitionLook {
  const { reorder, state } = partition;
  const { join } = state;
  return {
    get counts() {
      return partition.counts;
    },
    get isDone() {
      return partition.isDone;
    },
    get lnMu() {
      return partition.lnMu;
    },
    get watermarkMs() {
      return reorder.watermarkMs;
    },
    get waitingCount() {
      return reorder.waitingCount;
    },
    get oldestWaitingMs() {
      return reorder.oldestWaitingMs;
    },
    get openCount() {
      return join.openCount;
    },
    get oldestOpenMs() {
      return join.oldestOpenMs;
    },
    get closedCount() {
      return partition.closedCount;
    },
    get oldestClosedMs() {
      return join.oldestClosedMs;
    },
  };
}

/** The same as values of one moment, to be sent to another thread. */
export function stillOf(look: PartitionLook): PartitionLook {
  return { ...look };
}
