import type { Calibration, CalibrationFigures, ReliabilityBin } from '../snapshot/calibration.js';
import { textTable } from './table.js';

const WIDTH = 48;

/** A reliability diagram for a terminal: a row a bin, `o` where it was predicted and `x` where it happened, logarithmic; `*` where both are. */
export function reliabilityText(bins: readonly ReliabilityBin[]): string {
  const values = bins
    .flatMap(({ meanPrediction, positiveShare }) => [meanPrediction, positiveShare])
    .filter((value) => value > 0);
  if (values.length === 0) return '';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = Math.log(high / low) || 1;
  const place = (value: number): number =>
    value <= low ? 0 : Math.round(((WIDTH - 1) * Math.log(value / low)) / span);
  const rows = bins.map(({ sampleCount, meanPrediction, positiveShare }) => {
    const [o, x] = [place(meanPrediction), place(positiveShare)];
    const marks = Array.from({ length: WIDTH }, (_, i) =>
      i === o && i === x ? '*' : i === o ? 'o' : i === x ? 'x' : '·',
    );
    return [percent(meanPrediction), percent(positiveShare), Math.round(sampleCount), marks.join('')];
  });
  const scale = percent(low).padEnd(WIDTH - percent(high).length) + percent(high);
  return textTable(['predicted', 'happened', 'samples', scale], rows);
}

/** What was done to a model's predictions, in a few lines. */
export function calibrationText(calibration: Calibration | null): string {
  if (calibration === null) return 'recalibration: not recorded\n';
  const { method, reason, slope, intercept, rows, positives, heldOutRows, heldOutPositives, before, after } =
    calibration;
  const line =
    method === 'platt'
      ? `, log-odds × ${slope.toFixed(4)} ${intercept < 0 ? '−' : '+'} ${Math.abs(intercept).toFixed(4)}`
      : '';
  const head = `recalibration: ${method}${line}: ${reason}\n`;
  if (before === null || after === null) return head;
  return (
    head +
    `fitted on ${rows} audit rows (${positives} positives); on the ${heldOutRows} newer ones (${heldOutPositives} positives):\n` +
    textTable(
      ['', 'log loss', 'calibration', 'ECE'],
      [figuresRow('as fitted', before), figuresRow('recalibrated', after)],
    )
  );
}

function figuresRow(
  name: string,
  { logLoss, calibration, expectedCalibrationError }: CalibrationFigures,
): (string | null)[] {
  return [
    name,
    ...[logLoss, calibration, expectedCalibrationError].map((one) => (one === null ? null : one.toFixed(4))),
  ];
}

function percent(probability: number): string {
  return `${Number((probability * 100).toPrecision(2))} %`;
}
