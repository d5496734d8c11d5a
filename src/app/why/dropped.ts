import { onnxModelLoader } from '../../adapters/onnx/model.js';
import type { Config } from '../../config/schema.js';
import { messageOf } from '../../errors.js';
import { partitionOfPlace, readPlace, SAMPLE_PLACE } from '../../events/sample-place.js';
import { SURFACES, type SamplingRates, type TrainingSample } from '../../events/words.js';
import { PRIOR, priorColumn } from '../../pipeline/score/prior.js';
import { NO_SNAPSHOT, scoreBatch } from '../../pipeline/score/score.js';
import { scorerOf, type OwnScorers } from '../../pipeline/score/scorers.js';
import type { Importances } from '../../pipeline/select/importances.js';
import { DROPPED, selectionColumns, Selector } from '../../pipeline/select/select.js';
import type { KeyOf } from '../../pipeline/state/keys.js';
import type { Model } from '../../ports/model.js';
import type { ReadRecord, Transport } from '../../ports/transport.js';
import { fetchSnapshot } from '../../snapshot/index.js';
import { coinFacts } from '../explain/coin.js';
import { SelectionsThen, type SelectionThen } from '../explain/selection-then.js';
import type { DroppedFacts } from './fate.js';
import type { ClosedImpression } from './trace.js';

/** What is known of a sample that was selected next to another. */
interface Neighbour {
  /** When it closed: samples are selected in that order. */
  readonly closeTimeMs: number;
  readonly snapshotVersion: string;
  readonly featureSetId: string;
  /** What it was selected under. */
  readonly then: SelectionThen;
  /** μ at that moment; null where it cannot be told. */
  readonly threshold: number | null;
  /** Which controller it answered to. */
  readonly controller: string;
}

/** A dropped impression whose selection is to be worked out again, and the samples next to it so far. */
export interface Dropped {
  readonly partition: number;
  readonly impression: ClosedImpression;
  before?: Neighbour;
  after?: Neighbour;
  scoredBefore?: Neighbour;
  scoredAfter?: Neighbour;
}

interface Deps {
  readonly config: Config;
  readonly transport: Pick<Transport, 'reader'>;
  readonly keyOf: KeyOf;
  readonly partitionCount: number;
  /** Those of plugins. */
  readonly scorers?: OwnScorers;
  readonly featureSetId: string;
}

/**
 * Works out the selection of dropped samples: their features come from the re-read, the champion and the threshold from the
 * samples of the same partition that were selected next to them.
 */
export class DroppedSelection {
  private readonly models = new Map<string, Promise<Model>>();
  private readonly selections: SelectionsThen;

  constructor(private readonly deps: Deps) {
    this.selections = new SelectionsThen(deps.config, deps.transport);
  }

  /** Takes a kept or audit sample in, if it stands next to one of them. */
  async observe(
    dropped: readonly Dropped[],
    topic: 'training' | 'audit',
    record: ReadRecord,
    sample: TrainingSample,
  ): Promise<void> {
    const { partitionCount, keyOf } = this.deps;
    const place = readPlace(record.headers[SAMPLE_PLACE]);
    const partition = place && partitionOfPlace(place, partitionCount);
    if (partition === undefined && partitionCount > 1) return;
    let own: Neighbour | undefined;
    const then = await this.selections.of(sample.selectionId);
    for (const one of dropped) {
      if (partition !== undefined && partition !== one.partition) continue;
      own ??= {
        closeTimeMs: sample.closeTimeMs,
        snapshotVersion: sample.snapshotVersion,
        featureSetId: sample.featureSetId,
        then,
        threshold: topic === 'audit' ? null : coinFacts(sample, topic, then.config, keyOf).threshold,
        controller: controllerOf(then, sample.surface, sample.scorer === PRIOR),
      };
      takeNeighbour(one, own, controllerOf(then, one.impression.surface, own.controller.startsWith(PRIOR)));
    }
  }

  /** The selection of one, once every sample was observed. */
  async facts({ impression, before, after, scoredBefore, scoredAfter }: Dropped): Promise<DroppedFacts> {
    const { config, keyOf, featureSetId } = this.deps;
    const { label, strongest, impressionKey, row } = impression;
    const near = before ?? after;
    const then = near?.then ?? { config, id: null, isSaltOfNow: null };
    const coin = new Selector(config.selection, keyOf, null).coin(impressionKey);
    const unknown = (why: string): DroppedFacts => ({
      label,
      strongest,
      coin,
      selectionId: then.id,
      importance: null,
      prediction: null,
      snapshotVersion: null,
      inclusionProbability: null,
      threshold: null,
      why,
    });
    if (!row) return unknown('the re-read began when it was open already, so its features are not known');
    if (!near) return unknown('no sample of its partition stands near it, so neither champion nor threshold is known');
    if (near.featureSetId !== featureSetId) return unknown('the feature set has changed since');
    const { snapshotVersion } = near;
    const scores = await this.scores(impression, row, snapshotVersion, then.config).catch((thrown: unknown) =>
      messageOf(thrown),
    );
    if (typeof scores === 'string') return unknown(scores);
    const { importances } = scores;
    const importance = importances ? (label === 1 ? importances.ifPositive : importances.ifNegative)[0]! : null;
    const known = {
      ...unknown(''),
      importance,
      prediction: scores.prediction?.probability[0] ?? null,
      snapshotVersion: snapshotVersion === NO_SNAPSHOT ? null : snapshotVersion,
    };
    if (then.config.selection.perSecond > 0)
      return { ...known, why: 'under selection.perSecond the budget of that moment is not recorded' };
    const thresholds = [scoredBefore, scoredAfter].flatMap((one) => (one?.threshold ? [one.threshold] : []));
    if (importances && thresholds.length === 0)
      return { ...known, why: 'no kept sample next to it tells the threshold of that moment' };
    const tried = (importances ? thresholds : [1]).map((mu) => this.select(impression, importances, mu, then.config));
    const chances = tried.map(({ probability }) => probability);
    const least = Math.min(...chances);
    return {
      ...known,
      inclusionProbability: { least, most: Math.max(...chances) },
      threshold: importances ? { least: Math.min(...thresholds), most: Math.max(...thresholds) } : null,
      why: doubtOf(
        then,
        before,
        after,
        tried.every(({ isDropped }) => !isDropped),
      ),
    };
  }

  async close(): Promise<void> {
    for (const model of this.models.values()) await (await model.catch(() => undefined))?.close();
  }

  private async scores({ label, samplingRates }: ClosedImpression, row: Float32Array, version: string, config: Config) {
    const model = version === NO_SNAPSHOT ? undefined : await this.model(version);
    const samples = {
      ...{ rowCount: 1, columnCount: row.length, labels: Uint8Array.of(label), rows: row },
      ...ratesOf(samplingRates),
    };
    return scoreBatch(samples, model, scorerOf(config.selection, this.deps.scorers), priorColumn(config.features));
  }

  private model(version: string): Promise<Model> {
    const known = this.models.get(version);
    if (known) return known;
    const { transport, featureSetId } = this.deps;
    const loaded = fetchSnapshot(transport, version, featureSetId).then(({ onnx }) =>
      onnxModelLoader().load(onnx, version, featureSetId),
    );
    this.models.set(version, loaded);
    return loaded;
  }

  /** π of an impression where the threshold stood at μ. */
  private select(
    { label, rank, flags, impressionKey, surface, category, samplingRates, eventTimeMs }: ClosedImpression,
    importances: Importances | undefined,
    mu: number,
    config: Config,
  ): { readonly probability: number; readonly isDropped: boolean } {
    const { keyOf, partitionCount } = this.deps;
    const lnMu = Math.log(mu);
    const all = [lnMu, ...SURFACES.map(() => lnMu)];
    const selector = new Selector(config.selection, keyOf, lnMu, {
      goals: config.label,
      partitionCount,
      memory: { surfaces: all.slice(1), unscored: all },
    });
    const into = selectionColumns();
    const facts = {
      surfaces: Uint8Array.of(SURFACES.indexOf(surface)),
      categories: [category],
      ranks: Int8Array.of(rank),
      timesMs: Float64Array.of(eventTimeMs),
      flags: Uint8Array.of(flags),
      ...ratesOf(samplingRates),
    };
    selector.select(Float64Array.of(impressionKey), Uint8Array.of(label), 1, importances, into, facts);
    const probability = into.inclusionProbabilities[0]! * samplingRates[label];
    return { probability, isDropped: into.fates[0] === DROPPED };
  }
}

const ratesOf = ([ifNegative, ifPositive]: SamplingRates) => ({
  ratesIfNegative: Float64Array.of(ifNegative),
  ratesIfPositive: Float64Array.of(ifPositive),
});

/** The controller that samples of a surface answered to. */
function controllerOf({ config }: SelectionThen, surface: TrainingSample['surface'], isPrior: boolean): string {
  const own = config.selection.budgets[surface] === undefined ? 'shared' : surface;
  return `${isPrior ? PRIOR : 'scored'} ${own}`;
}

/** What the numbers do not know of; null: nothing. */
function doubtOf(
  { isSaltOfNow }: Pick<SelectionThen, 'isSaltOfNow'>,
  before: Neighbour | undefined,
  after: Neighbour | undefined,
  wouldBeKept: boolean,
): string | null {
  if (isSaltOfNow === false) return 'the salt was another one then: the coin is that of the salt of now';
  if (before?.then.id && after?.then.id && before.then.id !== after.then.id)
    return `the selection settings changed next to it, from ${before.then.id} to ${after.then.id}; the numbers are by those before`;
  if (wouldBeKept)
    return 'under these it would have been kept: the settings of selection, or the champion of that moment, were others';
  return before && after && before.snapshotVersion !== after.snapshotVersion
    ? 'the champion changed next to it; the numbers are by the one before'
    : null;
}

/** Keeps a neighbour where it stands nearer than the one so far. */
function takeNeighbour(one: Dropped, neighbour: Neighbour, controller: string): void {
  const isBefore = neighbour.closeTimeMs <= one.impression.closeTimeMs;
  const isNearer = (known: Neighbour | undefined): boolean =>
    known === undefined ||
    (isBefore ? neighbour.closeTimeMs >= known.closeTimeMs : neighbour.closeTimeMs < known.closeTimeMs);
  const [any, exact] = isBefore ? (['before', 'scoredBefore'] as const) : (['after', 'scoredAfter'] as const);
  if (isNearer(one[any])) one[any] = neighbour;
  if (neighbour.threshold !== null && neighbour.controller === controller && isNearer(one[exact]))
    one[exact] = neighbour;
}
