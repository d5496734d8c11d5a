import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { useWidth } from './use-width';

/** One line of a chart, in the order of the columns after time. */
export interface Line {
  readonly name: string;
  readonly value: (value: number) => string;
  /** `accent` carries the message, `quiet` stands beside it, `edge` bounds a band. */
  readonly tone: 'accent' | 'quiet' | 'edge';
  readonly isDashed?: boolean;
}

interface Props {
  /** Spoken in place of the picture. */
  readonly label: string;
  readonly lines: readonly Line[];
  /** Seconds, then a column a line; null is a gap. */
  readonly columns: readonly (readonly (number | null)[])[];
  /** Lines (from 1) whose space between is filled. */
  readonly band?: readonly [upper: number, lower: number];
  readonly height?: number;
  /** The least range of the axis, so that noise does not look like news. */
  readonly range?: (min: number, max: number) => [number, number];
  readonly tick?: (value: number) => string;
}

/** Lines over time. */
export function Chart({ label, lines, columns, band, height = 180, range, tick }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const theme = useTheme();
  const plot = useRef<uPlot>(null);
  const data = columns as unknown as uPlot.AlignedData;
  useEffect(() => {
    if (width === 0) return;
    const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const strokes = { accent: colour('--accent'), quiet: colour('--muted'), edge: 'transparent' };
    const axis = { stroke: colour('--muted'), font: `11px ${colour('--font')}`, ticks: { show: false }, gap: 6 };
    const made = new uPlot(
      {
        width,
        height,
        padding: [8, 8, 0, 0],
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        legend: { show: true, live: true },
        scales: { x: { time: true }, y: { range: (_, min, max) => range?.(min, max) ?? [0, max * 1.1 || 1] } },
        axes: [
          { ...axis, size: 26, grid: { show: false }, space: 90, values: (_, ticks) => ticks.map(timeOfDay) },
          {
            ...axis,
            size: 58,
            space: 36,
            grid: { stroke: colour('--line'), width: 1 },
            values: (_, ticks) => ticks.map((value) => tick?.(value) ?? String(value)),
          },
        ],
        hooks: { setData: [showNewest], setCursor: [showNewest] },
        series: [
          { label: 'time', value: (_, at) => (at == null ? '' : timeOfDay(at)) },
          ...lines.map(({ name, value, tone, isDashed }) => ({
            label: name,
            stroke: strokes[tone],
            width: tone === 'accent' ? 2 : 1.25,
            ...(isDashed ? { dash: [4, 4] } : {}),
            points: { show: false },
            spanGaps: true,
            value: (_: uPlot, at: number | null) => (at == null ? '–' : value(at)),
          })),
        ],
        ...(band ? { bands: [{ series: [...band], fill: colour('--wash') }] } : {}),
      },
      data,
      frame.current!,
    );
    plot.current = made;
    return () => made.destroy();
  }, [width, height, theme]);
  useEffect(() => plot.current?.setData(data), [columns]);
  return <div class="chart" ref={frame} role="img" aria-label={label} />;
}

/** While nothing is pointed at, the legend shows the newest values. */
function showNewest(plot: uPlot): void {
  if (plot.cursor.idx == null) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB');
}

/** Another value when light turns dark. */
function useTheme(): boolean {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const follow = (): void => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return isDark;
}
