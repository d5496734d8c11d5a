import { rowsBetween } from '../../bundle/bundle.js';
import { STREAM } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { correctionOf, learnerSettings } from '../../learn/learners/index.js';
import type { OwnCode } from '../../own/index.js';
import { nextFitAt } from '../../learn/trigger.js';
import { priorColumn } from '../../pipeline/score/prior.js';
import { scoreBatch } from '../../pipeline/score/score.js';
import { scorerOf } from '../../pipeline/score/scorers.js';
import { AUDIT, KEPT, selectionColumns, Selector, type SelectionColumns } from '../../pipeline/select/select.js';
import type { KeyOf } from '../../pipeline/state/keys.js';
import type { Model, ModelLoader } from '../../ports/model.js';
import type { Trainer } from '../../ports/trainer.js';
import { keptRows, newest, type Kept } from './kept-rows.js';
import type { Policy } from './policies.js';
import type { Samples } from './samples.js';

/** What simulating needs. */
export interface SimulationDeps {
  readonly config: Config;
  /** What plugins define; absent: nothing. */
  readonly ownCode?: OwnCode;
  readonly keyOf: KeyOf;
  readonly trainer: Trainer;
  readonly loader: ModelLoader;
  readonly signal: AbortSignal;
  /** Pilots that learned from every sample, by the samples before them: the same for all cells, and closed by whoever made the map. */
  readonly pooled: Map<number, Promise<Model | undefined>>;
}

/** One policy at one budget with one salt. */
export interface Draw {
  readonly policy: Policy;
  readonly budget: number;
  readonly salt: string;
}

/** Samples scored and selected at a time, as in the live pipeline. */
const BATCH = 8_192;

/**
 * What a policy keeps of the samples before `end`, by the pipeline's own scorer and selector. The pilot is refitted at the
 * triggers of a replay, and every fit takes over: the live loop promotes all but those that are significantly worse on the
 * audit slice. Under `retrain.budget` 1 it learns from every sample so far, in two halves of the sessions, as the champion does
 * from its pool; below, from what was kept. What it holds is the newest rows instead of a decayed draw.
 */
export async function simulatePolicy(
  samples: Samples,
  end: number,
  { policy, budget, salt }: Draw,
  deps: SimulationDeps,
): Promise<Kept> {
  const { config } = deps;
  const selection = { ...config.selection, ...policy.selection, budget, salt };
  const selector = new Selector(selection, deps.keyOf, null, { goals: config.label });
  const scorer = scorerOf(selection, deps.ownCode?.scorers);
  const priorAt = priorColumn(config.features);
  const columns = selectionColumns();
  const kept = { places: [] as number[], probabilities: [] as number[], offsets: [] as number[] };
  const isPooled = config.retrain.budget === 1;
  let pilot: Model | undefined;
  let fitAt = policy.isScored ? nextFitAt(0, config.retrain.everySamples) : Infinity;
  try {
    for (let from = 0; from < end;) {
      deps.signal.throwIfAborted();
      if (from >= fitAt) {
        const next = isPooled ? await pooledPilot(samples, from, deps) : await fitPilot(samples, kept, deps);
        fitAt = next ? nextFitAt(from, config.retrain.everySamples) : from + Math.ceil(config.retrain.everySamples / 8);
        if (next) {
          if (!isPooled) await pilot?.close();
          pilot = next;
        }
      }
      const to = Math.min(end, from + BATCH, fitAt);
      const batch = rowsBetween(STREAM, samples, from, to);
      const { importances } = await scoreBatch(batch, pilot, scorer, priorAt);
      selector.select(batch.sampleKeys, batch.labels, batch.rowCount, importances, columns, batch);
      take(columns, from, to, kept);
      from = to;
    }
    return kept;
  } finally {
    if (!isPooled) await pilot?.close();
  }
}

function pooledPilot(samples: Samples, from: number, deps: SimulationDeps): Promise<Model | undefined> {
  const known = deps.pooled.get(from) ?? fitPilot(samples, allOf(samples, from, deps.config, deps.keyOf), deps, true);
  deps.pooled.set(from, known);
  return known;
}

function take(
  columns: SelectionColumns,
  from: number,
  to: number,
  kept: { places: number[]; probabilities: number[]; offsets: number[] },
): void {
  for (let i = from; i < to; i++) {
    if (columns.fates[i - from] !== KEPT) continue;
    kept.places.push(i);
    kept.probabilities.push(columns.inclusionProbabilities[i - from]!);
    kept.offsets.push(columns.logOddsOffsets[i - from]!);
  }
}

async function fitPilot(
  samples: Samples,
  kept: Kept,
  { config, ownCode, trainer, loader, signal }: SimulationDeps,
  inHalves = false,
): Promise<Model | undefined> {
  const { retrain } = config;
  const held = newest(kept, retrain.reservoirSize);
  const positives = held.places.reduce((sum, place) => sum + samples.labels[place]!, 0);
  if (positives < retrain.minPositives || positives === held.places.length) return undefined;
  const { learner, seed } = retrain;
  const correction = correctionOf(learner, ownCode?.learners) === 'offsets' ? 'offset' : 'weights';
  const training = keptRows(samples, held, correction);
  const folds = inHalves && { folds: Uint8Array.from(held.places, (place) => samples.sessions[place]! & 1) };
  const { onnx } = await trainer.fit({ learner, training, seed, settings: learnerSettings(retrain), ...folds }, signal);
  const model = await loader.load(onnx, `pilot-${held.places.length}`, '');
  const rows = held.places.length;
  // Live, the prior stands in for a champion that fails. A comparison of policies must end instead.
  const fail = (why: string): never => {
    throw new SluiceError('fit-failed', { learner, rows, why });
  };
  return { ...model, fail };
}

/** Places of the samples before `end` that belong to no audit slice: what training on everything trains on. */
export function allOf(samples: Samples, end: number, config: Config, keyOf: KeyOf): Kept {
  const columns = selectionColumns();
  const selector = new Selector(
    { ...config.selection, scorer: 'uniform', budget: 1, keep: [], perSecond: 0, budgets: {}, throttle: 1 },
    keyOf,
    null,
  );
  selector.select(samples.sampleKeys.subarray(0, end), samples.labels.subarray(0, end), end, undefined, columns);
  const places = Array.from({ length: end }, (_, i) => i).filter((i) => columns.fates[i] !== AUDIT);
  return { places, probabilities: places.map(() => 1), offsets: places.map(() => 0) };
}
