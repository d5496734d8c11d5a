import type { EvaluationReport } from './evaluate.js';
import { mergedBins, percentText } from './reliability-bins.js';
import type { Line } from './summary.js';

/** The budget whose lines are shown where there is room for one. */
const SHOWN_BUDGET = 0.1;
/** Groups of bins in a terminal. */
const GROUPS = 5;

/** The budget of a plan that is nearest to a tenth, by ratio. */
export function shownBudget({ budgets }: EvaluationReport['plan']): number {
  return budgets.reduce((best, one) =>
    Math.abs(Math.log(one / SHOWN_BUDGET)) < Math.abs(Math.log(best / SHOWN_BUDGET)) ? one : best,
  );
}

/** Lines whose reliability is shown at a budget: everything, and each policy trained by its first correction. */
export function reliabilityLines(lines: readonly Line[], consumer: string, budget: number): readonly Line[] {
  const own = lines.filter((line) => line.consumer === consumer && (line.policy === 'full' || line.budget === budget));
  return own.filter((line, i) => own.findIndex(({ policy }) => policy === line.policy) === i);
}

/** Head of the terminal's reliability table: predicted → happened, by fifths of the test samples. */
export const RELIABILITY_HEAD = [
  'consumer',
  'policy',
  'trained by',
  'ECE',
  'lowest fifth',
  'second',
  'middle',
  'fourth',
  'highest fifth',
] as const;

/** One row a line, at the budget nearest to a tenth. */
export function reliabilityRows({ plan, lines }: EvaluationReport): readonly (readonly string[])[] {
  return plan.consumers.flatMap((consumer) =>
    reliabilityLines(lines, consumer, shownBudget(plan)).map((line) => {
      const groups = mergedBins(line.reliability, GROUPS).map(
        (bin) => `${percentText(bin.meanPrediction)} → ${percentText(bin.positiveShare)}`,
      );
      const filled = Array.from({ length: GROUPS }, (_, i) => groups[i] ?? '-');
      return [
        consumer,
        line.policy,
        line.correction,
        line.metrics.expectedCalibrationError?.toFixed(4) ?? '-',
        ...filled,
      ];
    }),
  );
}
