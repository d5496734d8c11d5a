import type { Bins } from '../bins.js';
import { LANES } from './histogram.js';

/** A split of a leaf. Codes up to `code` go left; missing goes where `missingLeft` says. */
export interface Split {
  readonly column: number;
  /** −1: only missing goes left. */
  readonly code: number;
  readonly missingLeft: boolean;
  readonly gain: number;
}

export interface SplitLimits {
  readonly l2: number;
  readonly minChildRows: number;
  readonly minChildHessian: number;
}

/** Sums over the rows of a leaf. */
export interface LeafSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rowCount: number;
}

const NO_GAIN = 1e-10;

/**
 * The split with the largest second-order gain G_l²/(H_l+λ) + G_r²/(H_r+λ) − G²/(H+λ), both directions of missing tried;
 * undefined when none is allowed or gains anything. In a leaf where the column is never missing, missing is sent with the
 * larger hessian. Ties go to the earlier column and lower code.
 * Source: Chen & Guestrin 2016, XGBoost, eq. 7 (without the factor ½) and algorithm 3.
 */
export function bestSplit(
  histogram: Float64Array,
  bins: Bins,
  starts: Int32Array,
  columns: Int32Array,
  leaf: LeafSums,
  limits: SplitLimits,
): Split | undefined {
  const scan = new ColumnScan(histogram, leaf, limits);
  for (const column of columns) scan.column(column, starts[column]!, bins.bounds[column]!.length + 1);
  return scan.best();
}

class ColumnScan {
  private readonly parentScore: number;
  private gain = NO_GAIN;
  private bestColumn = -1;
  private bestCode = 0;
  private bestMissingLeft = false;

  constructor(
    private readonly histogram: Float64Array,
    private readonly leaf: LeafSums,
    private readonly limits: SplitLimits,
  ) {
    this.parentScore = leaf.gradient ** 2 / (leaf.hessian + limits.l2);
  }

  best(): Split | undefined {
    if (this.bestColumn < 0) return undefined;
    return { column: this.bestColumn, code: this.bestCode, missingLeft: this.bestMissingLeft, gain: this.gain };
  }

  column(column: number, start: number, valueBins: number): void {
    const { histogram, leaf } = this;
    const missing = (start + valueBins) * LANES;
    const missingRows = histogram[missing + 2]!;
    const missingGradient = missingRows > 0 ? histogram[missing]! : 0;
    const missingHessian = missingRows > 0 ? histogram[missing + 1]! : 0;
    let gradient = 0;
    let hessian = 0;
    let rows = 0;
    for (let code = 0, at = start * LANES; code < valueBins - 1; code++, at += LANES) {
      const here = histogram[at + 2]!;
      if (here === 0) continue;
      gradient += histogram[at]!;
      hessian += histogram[at + 1]!;
      rows += here;
      if (missingRows === 0) this.consider(column, code, hessian * 2 > leaf.hessian, gradient, hessian, rows);
      else {
        this.consider(column, code, false, gradient, hessian, rows);
        this.consider(column, code, true, gradient + missingGradient, hessian + missingHessian, rows + missingRows);
      }
    }
    if (missingRows > 0) this.consider(column, -1, true, missingGradient, missingHessian, missingRows);
  }

  private consider(
    column: number,
    code: number,
    missingLeft: boolean,
    gradient: number,
    hessian: number,
    rows: number,
  ): void {
    const { leaf, limits } = this;
    const rightHessian = leaf.hessian - hessian;
    if (rows < limits.minChildRows || leaf.rowCount - rows < limits.minChildRows) return;
    if (hessian < limits.minChildHessian || rightHessian < limits.minChildHessian) return;
    const rightGradient = leaf.gradient - gradient;
    const gain =
      (gradient * gradient) / (hessian + limits.l2) +
      (rightGradient * rightGradient) / (rightHessian + limits.l2) -
      this.parentScore;
    if (gain <= this.gain) return;
    this.gain = gain;
    this.bestColumn = column;
    this.bestCode = code;
    this.bestMissingLeft = missingLeft;
  }
}
