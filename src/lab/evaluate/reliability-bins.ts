import type { ReliabilityBin } from '../../snapshot/calibration.js';

/** Mean over salts, bin by bin: all are of the same test samples, and equal mass makes bins of one rank comparable. */
export function meanBins(all: readonly (readonly ReliabilityBin[])[]): readonly ReliabilityBin[] {
  const count = Math.min(...all.map((bins) => bins.length));
  return Array.from({ length: count }, (_, i) =>
    merged(
      all.map((bins) => bins[i]!),
      all.length,
    ),
  );
}

/** Neighbouring bins put together until `count` are left. */
export function mergedBins(bins: readonly ReliabilityBin[], count: number): readonly ReliabilityBin[] {
  if (bins.length <= count) return bins;
  const edge = (group: number): number => Math.round((group * bins.length) / count);
  return Array.from({ length: count }, (_, group) => merged(bins.slice(edge(group), edge(group + 1)), 1));
}

function merged(bins: readonly ReliabilityBin[], copies: number): ReliabilityBin {
  const sum = (of: (bin: ReliabilityBin) => number): number => bins.reduce((total, bin) => total + of(bin), 0);
  const sampleCount = sum((bin) => bin.sampleCount);
  return {
    sampleCount: sampleCount / copies,
    meanPrediction: sum((bin) => bin.sampleCount * bin.meanPrediction) / sampleCount,
    positiveShare: sum((bin) => bin.sampleCount * bin.positiveShare) / sampleCount,
  };
}

/** 95 % interval of a share. Source: Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference. */
export function wilsonInterval({
  positiveShare: share,
  sampleCount: n,
}: ReliabilityBin): readonly [low: number, high: number] {
  const z2 = 1.96 ** 2;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Math.sqrt(z2) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** A probability in percent, two significant digits below ten. */
export function percentText(probability: number): string {
  const percent = probability * 100;
  if (percent === 0) return '0 %';
  return `${percent >= 10 ? percent.toFixed(0) : Number(percent.toPrecision(2)).toString()} %`;
}
