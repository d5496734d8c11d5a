import { clock, signed } from '../format';
import { useWidth } from './use-width';

const HEIGHT = 190;
const LEFT = 62;
const FOOT = 22;

interface Point {
  readonly atMs: number;
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** Means with their intervals, one after the other, around the line of no difference. */
export function Intervals(props: {
  readonly label: string;
  readonly points: readonly Point[];
  readonly isBetter: 'above' | 'below';
}) {
  const { label, isBetter } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const most = Math.max(1, Math.floor((width - LEFT) / 18));
  const points = props.points.slice(-most);
  const reach = 1.15 * Math.max(0.005, ...points.flatMap(({ lower, upper }) => [Math.abs(lower), Math.abs(upper)]));
  const y = (value: number): number => ((HEIGHT - FOOT) / 2) * (1 - value / reach);
  const pitch = Math.min(64, (width - LEFT) / Math.max(1, points.length));
  const zero = y(0);
  return (
    <div ref={frame}>
      <svg class="plot" width={width} height={HEIGHT} role="img" aria-label={label}>
        <rect
          class="better"
          x={LEFT}
          y={isBetter === 'above' ? 0 : zero}
          width={Math.max(0, width - LEFT)}
          height={zero}
        />
        <text x={width - 4} y={isBetter === 'above' ? 14 : HEIGHT - FOOT - 6} text-anchor="end">
          curated is better
        </text>
        {[reach / 1.15, 0, -reach / 1.15].map((value) => (
          <g key={value}>
            <line class={value === 0 ? 'zero' : 'grid'} x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
              {value === 0 ? '0' : signed(value)}
            </text>
          </g>
        ))}
        {points.map(({ atMs, mean, lower, upper }, at) => {
          const x = LEFT + pitch * (at + 0.5);
          const isClear = lower > 0 || upper < 0;
          return (
            <g key={atMs} class={isClear ? 'clear' : 'unclear'}>
              <title>
                {clock(atMs)}: {signed(mean)} ({signed(lower)} to {signed(upper)})
              </title>
              <line x1={x} x2={x} y1={y(lower)} y2={y(upper)} />
              <circle cx={x} cy={y(mean)} r="4.5" />
            </g>
          );
        })}
        {points.length > 0 && (
          <text x={LEFT} y={HEIGHT - 4}>
            {clock(points[0]!.atMs)}
            {points.length > 1 && ` to ${clock(points.at(-1)!.atMs)}`}
          </text>
        )}
      </svg>
    </div>
  );
}
