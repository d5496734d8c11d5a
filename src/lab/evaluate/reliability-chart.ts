import type { ReliabilityBin } from '../../snapshot/calibration.js';
import { percentText, wilsonInterval } from './reliability-bins.js';

/** One model in a reliability diagram. */
export interface ReliabilitySeries {
  readonly name: string;
  /** Number of its colour in the style sheet; 0 is that of the reference. */
  readonly colour: number;
  readonly bins: readonly ReliabilityBin[];
  /** Draws the 95 % interval of what happened. */
  readonly hasIntervals: boolean;
}

const WIDTH = 560;
const HEIGHT = 440;
const LEFT = 62;
const RIGHT = 24;
const TOP = 14;
const BOTTOM = 40;

/**
 * A reliability diagram as inline SVG: mean prediction of a bin against what happened in it, both axes logarithmic and of
 * one range, with the diagonal of what is calibrated. A bin in which nothing happened is a triangle at the lower border.
 * Empty without points.
 */
export function reliabilityChart(series: readonly ReliabilitySeries[], title: string): string {
  const values = series
    .flatMap(({ bins }) => bins.flatMap(({ meanPrediction, positiveShare }) => [meanPrediction, positiveShare]))
    .filter((value) => value > 0);
  if (values.length === 0) return '';
  const [low, high] = [Math.min(...values) / 1.3, Math.min(1, Math.max(...values) * 1.3)];
  const share = (value: number): number => Math.log(Math.min(high, Math.max(low, value)) / low) / Math.log(high / low);
  const px = (value: number): number => LEFT + (WIDTH - LEFT - RIGHT) * share(value);
  const py = (value: number): number => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(value);
  const parts = [
    ...logTicks(low, high).map(
      (value) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(py(value))}" y2="${at(py(value))}"/><line class="grid" x1="${at(px(value))}" x2="${at(px(value))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>` +
        `<text class="tick" x="${LEFT - 8}" y="${at(py(value) + 4)}" text-anchor="end">${percentText(value)}</text><text class="tick" x="${at(px(value))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${percentText(value)}</text>`,
    ),
    `<line class="reference" x1="${at(px(low))}" y1="${at(py(low))}" x2="${at(px(high))}" y2="${at(py(high))}"/>`,
    `<text class="axis" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">predicted</text>`,
    `<text class="axis" x="${LEFT + 8}" y="${TOP + 14}">happened</text>`,
    ...series.map((one) => seriesSvg(one, px, py, low)),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${parts.join('')}</svg>`;
}

function seriesSvg(
  { name, colour, bins, hasIntervals }: ReliabilitySeries,
  px: (value: number) => number,
  py: (value: number) => number,
  low: number,
): string {
  const path = bins
    .map(
      ({ meanPrediction, positiveShare }, i) =>
        `${i === 0 ? 'M' : 'L'}${at(px(meanPrediction))} ${at(py(positiveShare))}`,
    )
    .join('');
  const marks = bins.map((bin) => {
    const [cx, cy] = [px(bin.meanPrediction), py(bin.positiveShare)];
    const [least, most] = wilsonInterval(bin);
    const title = `<title>${name}: predicted ${percentText(bin.meanPrediction)}, happened ${percentText(bin.positiveShare)} (95 %: ${percentText(least)} to ${percentText(most)}) of ${Math.round(bin.sampleCount).toLocaleString('en')}</title>`;
    const whisker = hasIntervals
      ? `<line class="whisker" x1="${at(cx)}" x2="${at(cx)}" y1="${at(py(most))}" y2="${at(py(least))}"/>`
      : '';
    const mark =
      bin.positiveShare < low
        ? `<path class="mark" d="M${at(cx - 5)} ${at(cy - 8)}h10l-5 8z">${title}</path>`
        : `<circle class="mark" cx="${at(cx)}" cy="${at(cy)}" r="3">${title}</circle>`;
    return whisker + mark;
  });
  return `<g class="s${colour}"><path class="line" d="${path}"/>${marks.join('')}</g>`;
}

/** 1, 2 and 5 times each power of ten within a range; the powers alone when it spans more than three of them. */
export function logTicks(low: number, high: number): readonly number[] {
  const steps = high / low > 1_000 ? [1] : [1, 2, 5];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
    for (const step of steps) {
      const value = Number(`${step}e${power}`);
      if (value >= low && value <= high) found.push(value);
    }
  return found;
}

function at(value: number): string {
  return value.toFixed(1);
}
