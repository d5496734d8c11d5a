import { SURFACES, type Surface } from '../../events/words.js';
import { AUDIT, KEPT, type SelectionColumns } from '../../pipeline/select/select.js';

const SLOT_MS = 5_000;
const SLOT_COUNT = 12;
/** Five bins a factor of ten, from 10⁻⁴ up, and one for what is kept for certain. */
const BINS_A_DECADE = 5;
const DECADES = 4;
const BIN_COUNT = BINS_A_DECADE * DECADES + 1;
const SURFACE_COUNT = SURFACES.length;

/** Lower edges of the bins of inclusion probability; the last bin is π = 1 alone. */
const PROBABILITY_EDGES: readonly number[] = Array.from({ length: BIN_COUNT }, (_, bin) =>
  Number((10 ** (bin / BINS_A_DECADE - DECADES)).toPrecision(6)),
);

/** What was decided in one stretch of time. */
class Slot {
  startMs = -Infinity;
  readonly seenByBin = new Float64Array(BIN_COUNT);
  readonly keptByBin = new Float64Array(BIN_COUNT);
  readonly seen = new Float64Array(SURFACE_COUNT);
  readonly kept = new Float64Array(SURFACE_COUNT);
  readonly audit = new Float64Array(SURFACE_COUNT);
  readonly positive = new Float64Array(SURFACE_COUNT);
  readonly weightSum = new Float64Array(SURFACE_COUNT);
  readonly weightVariance = new Float64Array(SURFACE_COUNT);

  columns(): readonly Float64Array[] {
    const { seenByBin, keptByBin, seen, kept, audit, positive, weightSum, weightVariance } = this;
    return [seenByBin, keptByBin, seen, kept, audit, positive, weightSum, weightVariance];
  }

  begin(startMs: number): void {
    this.startMs = startMs;
    for (const column of this.columns()) column.fill(0);
  }

  add(other: Slot): void {
    const columns = this.columns();
    other.columns().forEach((column, at) => column.forEach((value, i) => (columns[at]![i]! += value)));
  }
}

/** What is looked at of the selected samples. */
export interface Decided {
  readonly scored: {
    readonly closed: { readonly rowCount: number; readonly labels: Uint8Array; readonly surfaces: Uint8Array };
  };
  readonly selected: Pick<SelectionColumns, 'fates' | 'inclusionProbabilities'>;
}

/** What the newest minute of decisions comes to. */
export interface Tallied {
  readonly seconds: number;
  readonly edges: readonly number[];
  readonly seenByBin: readonly number[];
  readonly keptByBin: readonly number[];
  readonly surfaces: readonly {
    readonly surface: Surface;
    readonly seen: number;
    readonly kept: number;
    readonly audit: number;
    readonly positive: number;
    readonly weightSum: number;
    readonly weightVariance: number;
  }[];
}

/**
 * Inclusion probabilities and surfaces of the newest minute, in slots of 5 s: read off the columns that selection leaves, a
 * few additions a sample.
 */
export class SelectionTally {
  private readonly slots = Array.from({ length: SLOT_COUNT }, () => new Slot());

  /** Adds the samples of a unit of work. */
  observe({ scored, selected }: Decided, nowMs: number): void {
    const { rowCount, labels, surfaces } = scored.closed;
    if (rowCount === 0) return;
    const slot = this.slotAt(nowMs);
    const { fates, inclusionProbabilities } = selected;
    for (let i = 0; i < rowCount; i++) {
      const surface = surfaces[i]!;
      slot.seen[surface]! += 1;
      slot.positive[surface]! += labels[i]!;
      if (fates[i] === AUDIT) {
        slot.audit[surface]! += 1;
        continue;
      }
      const probability = inclusionProbabilities[i]!;
      const bin = binOf(probability);
      slot.seenByBin[bin]! += 1;
      if (fates[i] !== KEPT) continue;
      slot.keptByBin[bin]! += 1;
      slot.kept[surface]! += 1;
      slot.weightSum[surface]! += 1 / probability;
      slot.weightVariance[surface]! += (1 - probability) / probability ** 2;
    }
  }

  /** Sums the slots of the newest minute. */
  read(nowMs: number): Tallied {
    const sum = new Slot();
    const now = slotStart(nowMs);
    for (const slot of this.slots) if (slot.startMs > now - SLOT_COUNT * SLOT_MS) sum.add(slot);
    return {
      seconds: (SLOT_COUNT * SLOT_MS) / 1000,
      edges: PROBABILITY_EDGES,
      seenByBin: [...sum.seenByBin],
      keptByBin: [...sum.keptByBin],
      surfaces: SURFACES.map((surface, at) => ({
        surface,
        seen: sum.seen[at]!,
        kept: sum.kept[at]!,
        audit: sum.audit[at]!,
        positive: sum.positive[at]!,
        weightSum: sum.weightSum[at]!,
        weightVariance: sum.weightVariance[at]!,
      })).filter(({ seen }) => seen > 0),
    };
  }

  private slotAt(nowMs: number): Slot {
    const startMs = slotStart(nowMs);
    const slot = this.slots[(startMs / SLOT_MS) % SLOT_COUNT]!;
    if (slot.startMs !== startMs) slot.begin(startMs);
    return slot;
  }
}

function slotStart(nowMs: number): number {
  return Math.floor(nowMs / SLOT_MS) * SLOT_MS;
}

function binOf(probability: number): number {
  if (probability >= 1) return BIN_COUNT - 1;
  // A probability that is an edge must not fall below it by the rounding of the logarithm.
  const bin = Math.floor((Math.log10(probability) + DECADES) * BINS_A_DECADE + 1e-9);
  return Math.min(BIN_COUNT - 2, Math.max(0, bin));
}
