import type { JudgedBundle } from '../../bundle/sample.js';
import { SURFACES, type Surface } from '../../events/words.js';
import type { Evaluation, ModelMetrics } from '../../snapshot/manifest.js';
import { metricIntervals } from '../metrics/intervals.js';
import { reliabilityBins } from '../metrics/calibration.js';
import { modelMetrics, type Judged } from '../metrics/model-metrics.js';
import { thresholdOfBestF1 } from '../metrics/threshold.js';

/**
 * Judges predictions of audit samples, over all and per surface. The decision threshold is chosen on the earlier half and
 * the decision metrics are taken on the later half, as an operator would choose it: from the past. One threshold for all surfaces.
 *
 * The audit slice is never trained on, so every sample of it is honest for any model. One caveat remains, of time: part of
 * the window is no newer than the candidate's training rows but newer than the champion's, so that the candidate fills in
 * where the champion looks ahead. That favours the candidate a little, as a refit is meant to; the champion's metrics over
 * the whole stream (each sample predicted before its outcome is known) are the ones without that caveat.
 */
export function evaluate(
  audit: Pick<JudgedBundle, 'labels' | 'surfaces' | 'rowCount'>,
  probabilities: Float32Array,
): Evaluation {
  const half = audit.rowCount >> 1;
  const all = { probabilities, labels: audit.labels };
  const threshold = thresholdOfBestF1(probabilities.subarray(0, half), audit.labels.subarray(0, half));
  const later = { probabilities: probabilities.subarray(half), labels: audit.labels.subarray(half) };
  const laterSurfaces = audit.surfaces.subarray(half);
  const surfaces: Partial<Record<Surface, ModelMetrics>> = {};
  SURFACES.forEach((surface, code) => {
    const part = only(all, audit.surfaces, code);
    if (part.labels.length > 0) surfaces[surface] = modelMetrics(part, only(later, laterSurfaces, code), threshold);
  });
  return {
    overall: modelMetrics(all, later, threshold),
    surfaces,
    reliability: reliabilityBins(probabilities, audit.labels),
    intervals: metricIntervals(probabilities, audit.labels),
  };
}

function only({ probabilities, labels }: Judged, surfaces: Uint8Array, code: number): Judged {
  return {
    probabilities: probabilities.filter((_, i) => surfaces[i] === code),
    labels: labels.filter((_, i) => surfaces[i] === code),
  };
}
