import type { Config } from '../../config/schema.js';
import { learnerNamed } from '../../learn/learners/index.js';
import { nextFitAt } from '../../learn/trigger.js';
import { priorColumn, priorImportances } from '../../pipeline/score/prior.js';
import { scorerOf, type NamedScorer } from '../../pipeline/score/scorers.js';
import { AUDIT, KEPT, SelectionColumns, Selector, type Importances } from '../../pipeline/select/select.js';
import type { KeyOf } from '../../pipeline/state/keys.js';
import type { Model, ModelLoader } from '../../ports/model.js';
import type { Trainer } from '../../ports/trainer.js';
import { keptRows, newest, type Kept } from './kept-rows.js';
import type { Policy } from './policies.js';
import type { Samples } from './samples.js';

/** What simulating needs. */
export interface SimulationDeps {
  readonly config: Config;
  readonly keyOf: KeyOf;
  readonly trainer: Trainer;
  readonly loader: ModelLoader;
  readonly signal: AbortSignal;
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
 * What a policy keeps of the samples before `end`, by the pipeline's own scorer and selector. The pilot is refitted on what
 * was kept so far at the triggers of a replay, and every fit takes over: the live loop promotes all but those that are
 * significantly worse on the audit slice. The reservoir is the newest rows instead of a decayed draw.
 */
export async function simulatePolicy(
  samples: Samples,
  end: number,
  { policy, budget, salt }: Draw,
  deps: SimulationDeps,
): Promise<Kept> {
  const { config } = deps;
  const selection = { ...config.selection, ...policy.selection, budget, salt };
  const selector = new Selector(selection, deps.keyOf, null, { goal: config.label.goal });
  const scorer = scorerOf(selection);
  const priorAt = priorColumn(config.features.omit);
  const columns = new SelectionColumns();
  const kept = { places: [] as number[], probabilities: [] as number[], offsets: [] as number[] };
  let pilot: Model | undefined;
  let fitAt = policy.isScored ? nextFitAt(0, config.retrain.everySamples) : Infinity;
  try {
    for (let from = 0; from < end;) {
      deps.signal.throwIfAborted();
      if (from >= fitAt) {
        const next = await fitPilot(samples, kept, deps);
        fitAt = next ? nextFitAt(from, config.retrain.everySamples) : from + Math.ceil(config.retrain.everySamples / 8);
        if (next) {
          await pilot?.close();
          pilot = next;
        }
      }
      const to = Math.min(end, from + BATCH, fitAt);
      const importances = pilot
        ? await score(samples, from, to, pilot, scorer)
        : before(samples, from, to, scorer, priorAt);
      const facts = factsOf(samples, from, to);
      selector.select(
        samples.keys.subarray(from, to),
        samples.labels.subarray(from, to),
        to - from,
        importances,
        columns,
        facts,
      );
      take(columns, from, to, kept);
      from = to;
    }
    return kept;
  } finally {
    await pilot?.close();
  }
}

function take(
  columns: SelectionColumns,
  from: number,
  to: number,
  kept: { places: number[]; probabilities: number[]; offsets: number[] },
): void {
  for (let i = from; i < to; i++) {
    if (columns.fate[i - from] !== KEPT) continue;
    kept.places.push(i);
    kept.probabilities.push(columns.inclusionProbability[i - from]!);
    kept.offsets.push(columns.logOddsOffset[i - from]!);
  }
}

function before(
  { rows, labels, columnCount }: Samples,
  from: number,
  to: number,
  { early }: NamedScorer,
  priorAt: number,
): Importances | undefined {
  return priorImportances(
    early,
    priorAt,
    rows.subarray(from * columnCount, to * columnCount),
    to - from,
    labels.subarray(from, to),
  );
}

async function score(
  samples: Samples,
  from: number,
  to: number,
  pilot: Model,
  scorer: NamedScorer,
): Promise<Importances> {
  const { columnCount } = samples;
  const rows = samples.rows.subarray(from * columnCount, to * columnCount);
  const rowCount = to - from;
  const prediction = await pilot.predict(rows, rowCount);
  const importances = { ifNegative: new Float64Array(rowCount), ifPositive: new Float64Array(rowCount) };
  const { memberCount, snapshotVersion } = pilot;
  const batch = {
    prediction,
    rowCount,
    memberCount,
    snapshotVersion,
    rows,
    columnCount,
    labels: samples.labels.subarray(from, to),
  };
  scorer.score(batch, importances.ifNegative, importances.ifPositive);
  return importances;
}

function factsOf({ facts }: Samples, from: number, to: number): Samples['facts'] {
  return {
    surfaces: facts.surfaces.subarray(from, to),
    categories: facts.categories.slice(from, to),
    ranks: facts.ranks.subarray(from, to),
    timesMs: facts.timesMs.subarray(from, to),
  };
}

async function fitPilot(
  samples: Samples,
  kept: Kept,
  { config, trainer, loader, signal }: SimulationDeps,
): Promise<Model | undefined> {
  const { retrain } = config;
  const held = newest(kept, retrain.reservoirSize);
  const positives = held.places.reduce((sum, place) => sum + samples.labels[place]!, 0);
  if (positives < retrain.minPositives || positives === held.places.length) return undefined;
  const { learner, seed } = retrain;
  const correction = learnerNamed(learner).correction === 'offsets' ? 'offset' : 'weights';
  const training = keptRows(samples, held, correction);
  const { onnx } = await trainer.fit({ learner, training, seed, settings: retrain[learner] }, signal);
  return loader.load(onnx, `pilot-${held.places.length}`, '');
}

/** Places of the samples before `end` that belong to no audit slice: what training on everything trains on. */
export function allOf(samples: Samples, end: number, config: Config, keyOf: KeyOf): Kept {
  const columns = new SelectionColumns();
  const selector = new Selector(
    { ...config.selection, scorer: 'uniform', budget: 1, keep: [], perSecond: 0, budgets: {}, throttle: 1 },
    keyOf,
    null,
  );
  selector.select(samples.keys.subarray(0, end), samples.labels.subarray(0, end), end, undefined, columns);
  const places = Array.from({ length: end }, (_, i) => i).filter((i) => columns.fate[i] !== AUDIT);
  return { places, probabilities: places.map(() => 1), offsets: places.map(() => 0) };
}
