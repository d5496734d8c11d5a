import type { Fitted } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { designMatrix, linearGain, linearPredictor } from './design-matrix.js';
import { sigmoid, solveIntercept } from './intercept.js';
import { addRow, marginOf } from './logistic-loss.js';
import { declareLearner, type SettingsOf } from './learner.js';
import { seededRandom } from './random.js';
import { meanOne } from './weights.js';

const SETTINGS = {
  epochs: {
    default: 20,
    isInteger: true,
    above: 0,
    text: 'Passes over the rows; fewer rows need more passes',
  },
  batchRows: { default: 256, isInteger: true, above: 0, text: 'Rows per step of the optimiser' },
  learningRate: { default: 5e-3, above: 0, atMost: 1, text: 'Peak step of the optimiser (AdamW), after its warm-up' },
  warmUpFraction: { default: 0.05, atLeast: 0, atMost: 1, text: 'Share of the steps over which the step size rises' },
  weightDecay: { default: 0.01, atLeast: 0, text: 'Decoupled weight decay (AdamW)' },
} as const;
type Settings = SettingsOf<typeof SETTINGS>;

/**
 * A logistic head over the columns (embeddings are columns like others), trained in mini-batches with AdamW, a linear
 * warm-up and a cosine decay to zero. Starts at zero weights and the intercept of the base rate. One member.
 *
 * A tenth of the rows takes a tenth of the steps, hence the high default rate: 5·10⁻³ for 20 epochs reaches the full-data
 * loss in simulation, 10⁻³ for 5 under-trains badly.
 * Source: Loshchilov & Hutter 2019, Decoupled Weight Decay Regularization, algorithm 2.
 */
export const head = declareLearner({
  summary: 'a logistic regression by mini-batches, for many columns such as embeddings',
  correction: 'offsets',
  settings: SETTINGS,
  members: () => 1,
  fit: (training, { seed, settings, reference }) => fitted(training, seed, settings, reference),
});

function fitted(training: TrainingRows, seed: number, settings: Settings, reference?: TrainingRows): Fitted {
  const design = designMatrix(training, reference);
  const { labels, offsets, rowCount } = training;
  const weights = meanOne(training.weights);
  const { batchRows, epochs } = settings;
  const schedule = rateSchedule(
    Math.ceil(rowCount / batchRows) * epochs,
    settings.learningRate,
    settings.warmUpFraction,
  );
  const parameters = new Float64Array(design.width + 1);
  parameters[design.width] = solveIntercept(labels, offsets, weights);
  const optimiser = new AdamW(parameters, settings.weightDecay);
  const gradient = new Float64Array(parameters.length);
  const order = Int32Array.from({ length: rowCount }, (_, i) => i);
  const random = seededRandom(seed);
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (let start = 0; start < rowCount; start += batchRows) {
      const end = Math.min(rowCount, start + batchRows);
      gradient.fill(0);
      for (let i = start; i < end; i++) {
        const row = order[i]!;
        const p = sigmoid(marginOf(design, row, parameters) + offsets[row]!);
        addRow(design, row, (weights[row]! * (p - labels[row]!)) / (end - start), gradient);
      }
      optimiser.step(gradient, schedule(optimiser.stepCount + 1));
    }
  }
  const columnWeights = parameters.subarray(0, design.width);
  return {
    predictor: linearPredictor(design, columnWeights, parameters[design.width]!),
    gain: linearGain(design, columnWeights),
  };
}

/** Learning rate of a step (from 1): linear up to `peak` over the warm-up, then a half cosine to zero. */
function rateSchedule(totalSteps: number, peak: number, warmUpFraction: number): (step: number) => number {
  const warmUp = Math.max(1, totalSteps * warmUpFraction);
  return (step) =>
    step <= warmUp
      ? (peak * step) / warmUp
      : (peak / 2) * (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, totalSteps - warmUp)));
}

class AdamW {
  stepCount = 0;
  private readonly first: Float64Array;
  private readonly second: Float64Array;

  constructor(
    private readonly parameters: Float64Array,
    private readonly weightDecay: number,
  ) {
    this.first = new Float64Array(parameters.length);
    this.second = new Float64Array(parameters.length);
  }

  /** Moves all parameters; the last one, the intercept, does not decay. */
  step(gradient: Float64Array, rate: number): void {
    const { parameters, first, second } = this;
    const last = parameters.length - 1;
    this.stepCount++;
    const firstScale = 1 / (1 - 0.9 ** this.stepCount);
    const secondScale = 1 / (1 - 0.999 ** this.stepCount);
    for (let j = 0; j <= last; j++) {
      const g = gradient[j]!;
      first[j] = 0.9 * first[j]! + 0.1 * g;
      second[j] = 0.999 * second[j]! + 0.001 * g * g;
      const decay = j < last ? this.weightDecay * parameters[j]! : 0;
      parameters[j]! -= rate * ((first[j]! * firstScale) / (Math.sqrt(second[j]! * secondScale) + 1e-8) + decay);
    }
  }
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
}
