/** One line of a chart: points by ascending x. */
export interface Series {
  readonly name: string;
  /** Number of its colour in the style sheet, from 1. */
  readonly colour: number;
  readonly isDashed: boolean;
  /** `half`: half-width of the interval around y. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly half: number }[];
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yText: (y: number) => string;
  readonly xText: (x: number) => string;
  /** A line to compare with. */
  readonly reference: number;
  /** Least and greatest y shown; points beyond are drawn at the border as triangles. */
  readonly range: readonly [number, number];
}

const WIDTH = 560;
const HEIGHT = 320;
const LEFT = 62;
const RIGHT = 14;
const TOP = 14;
const BOTTOM = 40;
/** Lines stand this far apart, so that whiskers of one x do not cover one another. */
const DODGE = 2.5;

/** A line chart as inline SVG, x on a logarithmic scale, with intervals as whiskers. Colours are classes of the page's style sheet. */
export function lineChart(series: readonly Series[], options: ChartOptions): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  if (xs.length === 0) return '';
  const [low, high] = options.range;
  const spread = Math.log(xs.at(-1)! / xs[0]!) || 1;
  const px = (x: number): number => LEFT + 12 + ((WIDTH - LEFT - RIGHT - 24) * Math.log(x / xs[0]!)) / spread;
  const py = (y: number): number =>
    TOP + ((HEIGHT - TOP - BOTTOM) * (high - Math.min(high, Math.max(low, y)))) / (high - low);
  const parts = [
    ...ticks(low, high).map(
      (y) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(py(y))}" y2="${at(py(y))}"/><text class="tick" x="${LEFT - 8}" y="${at(py(y) + 4)}" text-anchor="end">${options.yText(y)}</text>`,
    ),
    ...xs.map(
      (x) =>
        `<text class="tick" x="${at(px(x))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${options.xText(x)}</text>`,
    ),
    `<text class="axis" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${options.xLabel}</text>`,
    reference(options, py),
    ...series.map((one, index) =>
      seriesSvg(one, (x) => px(x) + (index - (series.length - 1) / 2) * DODGE, py, options),
    ),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${options.title}">${parts.join('')}</svg>`;
}

function reference({ reference: y, range: [low, high] }: ChartOptions, py: (y: number) => number): string {
  if (y < low || y > high) return '';
  return `<line class="reference" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(py(y))}" y2="${at(py(y))}"/>`;
}

function seriesSvg(
  { name, colour, isDashed, points }: Series,
  px: (x: number) => number,
  py: (y: number) => number,
  { range: [low, high], yText }: ChartOptions,
): string {
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${at(px(x))} ${at(py(y))}`).join('');
  const marks = points.map(({ x, y, half }) => {
    const [cx, cy] = [px(x), py(y)];
    const title = `<title>${name}: ${yText(y)} ± ${yText(half)}</title>`;
    if (y < low) return `<path class="mark" d="M${at(cx - 5)} ${at(cy - 8)}h10l-5 8z">${title}</path>`;
    if (y > high) return `<path class="mark" d="M${at(cx - 5)} ${at(cy + 8)}h10l-5 -8z">${title}</path>`;
    const whisker = `<line class="whisker" x1="${at(cx)}" x2="${at(cx)}" y1="${at(py(y + half))}" y2="${at(py(y - half))}"/>`;
    return `${whisker}<circle class="mark" cx="${at(cx)}" cy="${at(cy)}" r="3.5">${title}</circle>`;
  });
  return `<g class="s${colour}"><path class="line${isDashed ? ' dashed' : ''}" d="${path}"/>${marks.join('')}</g>`;
}

/** Four to eight round numbers across a range. */
export function ticks(low: number, high: number): readonly number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw) ?? raw;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

function at(value: number): string {
  return value.toFixed(1);
}
