import { compact, share, whole } from '../format';
import { useWidth } from './use-width';

const HEIGHT = 170;
const FOOT = 34;
const HEAD = 16;

/** Counts by bin of a logarithmic scale, and in each the part of them that was chosen. Empty bins at the low end are left out. */
export function Histogram(props: {
  /** Lower edges; the last bin is that one value alone. */
  readonly edges: readonly number[];
  readonly all: readonly number[];
  readonly part: readonly number[];
}) {
  const { edges, all, part } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const first = Math.max(
    0,
    Math.min(
      all.findIndex((count) => count > 0),
      edges.length - 11,
    ),
  );
  const bins = edges
    .slice(first)
    .map((edge, at) => ({
      edge,
      end: edges[first + at + 1],
      all: all[first + at]!,
      part: part[first + at]!,
    }))
    .filter(({ end, all: count }) => end !== undefined || count > 0);
  const most = Math.max(1, ...bins.map((bin) => bin.all));
  const sum = bins.reduce((total, bin) => total + bin.all, 0);
  const pitch = width / bins.length;
  const heightOf = (count: number): number => ((HEIGHT - FOOT - HEAD) * count) / most;
  return (
    <div ref={frame}>
      <svg class="histogram" width={width} height={HEIGHT} role="img" aria-label="Samples by inclusion probability">
        {bins.map(({ edge, end, all: count, part: chosen }, at) => {
          const name = end === undefined ? 'certain' : `${compact(edge)}`;
          return (
            <g key={edge} transform={`translate(${at * pitch} 0)`}>
              <title>
                {end === undefined ? 'π = 1' : `π from ${compact(edge)} to ${compact(end)}`}: {whole(count)} samples (
                {share(count / sum)}), {whole(chosen)} kept
              </title>
              <rect class="hit" width={pitch} height={HEIGHT} />
              <rect
                class="all"
                x="1.5"
                width={Math.max(0, pitch - 3)}
                y={HEIGHT - FOOT - heightOf(count)}
                height={heightOf(count)}
                rx="2"
              />
              <rect
                class="part"
                x="1.5"
                width={Math.max(0, pitch - 3)}
                y={HEIGHT - FOOT - heightOf(chosen)}
                height={heightOf(chosen)}
                rx="2"
              />
              {count > 0 && pitch > 44 && (
                <text class="count" x={pitch / 2} y={HEIGHT - FOOT - heightOf(count) - 4} text-anchor="middle">
                  {whole(count)}
                </text>
              )}
              {(pitch > 40 || at % 5 === 0 || end === undefined) && (
                <text
                  class="tick"
                  x={end === undefined ? pitch / 2 : 1}
                  y={HEIGHT - FOOT + 15}
                  text-anchor={end === undefined && pitch > 40 ? 'middle' : end === undefined ? 'end' : 'start'}
                >
                  {name}
                </text>
              )}
            </g>
          );
        })}
        <line class="base" x1="0" x2={width} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} />
        <text class="tick" x="0" y={HEIGHT - 3}>
          π, lower edge of each bin
        </text>
      </svg>
    </div>
  );
}
