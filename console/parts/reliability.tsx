import type { Evaluation } from '../../src/console/api.js';
import { share, whole } from '../format';
import { useWidth } from './use-width';

type Bins = NonNullable<Evaluation['reliability']>;

const LEFT = 50;
const FOOT = 36;

/** Observed against predicted, both on a logarithmic scale since clicks are rare, with 95 % whiskers (Wilson). */
export function Reliability({ bins }: { readonly bins: Bins }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const height = Math.min(320, Math.max(220, width * 0.7));
  const positive = bins
    .flatMap(({ meanPrediction, positiveShare }) => [meanPrediction, positiveShare])
    .filter((value) => value > 0);
  const low = Math.max(1e-4, Math.min(...positive) / 1.5);
  const high = Math.min(1, Math.max(...positive) * 1.5);
  const along = (value: number): number =>
    Math.max(0, Math.min(1, Math.log(Math.max(value, low) / low) / Math.log(high / low)));
  const x = (value: number): number => LEFT + (width - LEFT - 10) * along(value);
  const y = (value: number): number => 6 + (height - FOOT - 6) * (1 - along(value));
  const ticks = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1].filter((tick) => tick >= low && tick <= high);
  const line = bins.map(({ meanPrediction, positiveShare }) => `${x(meanPrediction)},${y(positiveShare)}`).join(' ');
  return (
    <div ref={frame}>
      <svg class="plot" width={width} height={height} role="img" aria-label="Reliability diagram">
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={width - 10} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
              {share(tick, tick < 0.01 ? 2 : 0)}
            </text>
            <text x={x(tick)} y={height - FOOT + 16} text-anchor="middle">
              {share(tick, tick < 0.01 ? 2 : 0)}
            </text>
          </g>
        ))}
        <line class="zero" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
        <polyline class="line" points={line} />
        {bins.map((bin, at) => {
          const [from, to] = wilson(bin.positiveShare, bin.sampleCount);
          return (
            <g key={at} class="clear">
              <title>
                {whole(bin.sampleCount)} samples: predicted {share(bin.meanPrediction, 2)}, clicked{' '}
                {share(bin.positiveShare, 2)}
              </title>
              <line x1={x(bin.meanPrediction)} x2={x(bin.meanPrediction)} y1={y(from)} y2={y(to)} />
              <circle cx={x(bin.meanPrediction)} cy={y(bin.positiveShare)} r="4" />
            </g>
          );
        })}
        <text x={LEFT} y={height - 3}>
          predicted (across), clicked (up), logarithmic
        </text>
      </svg>
    </div>
  );
}

/** Wilson's interval of a share. Source: Wilson 1927. */
function wilson(observed: number, count: number): [number, number] {
  const z2 = 1.96 ** 2;
  const middle = (observed + z2 / (2 * count)) / (1 + z2 / count);
  const reach = (1.96 / (1 + z2 / count)) * Math.sqrt((observed * (1 - observed)) / count + z2 / (4 * count ** 2));
  return [middle - reach, middle + reach];
}
