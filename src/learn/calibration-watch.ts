import { shifted } from '../events/shifted.js';
import type { TrainingSample } from '../events/words.js';
import { expectedCalibrationError } from './metrics/calibration.js';

/** Newest predictions that are looked at. */
const WINDOW = 10_000;

/** Watches how well champions were calibrated on the audit samples they scored before the outcome was known. */
export interface CalibrationWatch {
  /** Takes the next audit sample. */
  observe(sample: Pick<TrainingSample, 'prediction' | 'label' | 'logOddsOffset'>): void;
  /** Expected calibration error over the newest 10,000; undefined when no prediction came since it was last asked. */
  error(): number | undefined;
}

/** Makes a watch. A restart reads the audit topic again and so sees the same samples. */
export function createCalibrationWatch(): CalibrationWatch {
  const predictions = new Float32Array(WINDOW);
  const labels = new Uint8Array(WINDOW);
  let seen = 0;
  let asked = 0;
  return {
    observe({ prediction, label, logOddsOffset }) {
      if (prediction === null) return;
      predictions[seen % WINDOW] = shifted(prediction, logOddsOffset);
      labels[seen % WINDOW] = label;
      seen++;
    },
    error() {
      if (seen === asked) return undefined;
      asked = seen;
      const held = Math.min(seen, WINDOW);
      return expectedCalibrationError(predictions.subarray(0, held), labels.subarray(0, held));
    },
  };
}
