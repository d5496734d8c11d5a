import type { Codecs } from '../../adapters/avro/index.js';
import { onnxModelLoader } from '../../adapters/onnx/model.js';
import { readPredictor } from '../../adapters/onnx/reader/index.js';
import { createHash32 } from '../../adapters/xxhash/index.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { TrainingSample } from '../../events/words.js';
import { explain } from '../../learn/explain/contributions.js';
import { publicIdsOf } from '../../pipeline/privacy/public-ids.js';
import { createKeyOf } from '../../pipeline/state/keys.js';
import { NO_SNAPSHOT } from '../../pipeline/score/score.js';
import type { Pseudonymiser } from '../../ports/pseudonymiser.js';
import type { Transport } from '../../ports/transport.js';
import { fetchSnapshot, type Snapshot } from '../../snapshot/index.js';
import { coinFacts, type CoinFacts } from './coin.js';
import { findSample, type FoundSample } from './find-sample.js';
import { SelectionsThen, type SelectionThen } from './selection-then.js';

/** One column's part in a prediction. */
export interface ColumnPart {
  readonly column: string;
  /** null = missing. */
  readonly value: number | null;
  readonly contribution: number;
}

/** What the snapshot says about the sample. */
export interface ModelFacts {
  readonly learner: string;
  /** Probability of each committee member, computed again. */
  readonly members: readonly number[];
  /** The prediction computed again; the one on the sample was made before its outcome was known. */
  readonly prediction: number;
  readonly paths: PathFacts | null;
  /** Why there are no paths. */
  readonly why: string | null;
  /** Columns of the snapshot by share of the gain, greatest first. */
  readonly ranking: readonly { readonly column: string; readonly gain: number }[];
}

/** The prediction taken apart: base + Σ contributions = total, in `scale`. */
export interface PathFacts {
  readonly scale: 'log-odds' | 'probability';
  readonly base: number;
  readonly total: number;
  /** Every column that moved it, strongest first. */
  readonly columns: readonly ColumnPart[];
  /** Audit rows that the base is a mean over. */
  readonly backgroundRows: number;
}

/** Everything that topics and snapshots tell about one sample. */
export interface SampleExplanation {
  readonly topic: 'training' | 'audit';
  readonly sample: Omit<TrainingSample, 'features' | 'embeddings'>;
  readonly selection: CoinFacts & Omit<SelectionThen, 'config'>;
  /** null before the first snapshot, or when its bytes are gone. */
  readonly model: ModelFacts | null;
  /** Why there is no model. */
  readonly why: string | null;
}

export interface ExplainDeps {
  readonly config: Config;
  readonly transport: Transport;
  readonly codecs: Codecs;
  /** By which a hidden id is found by the one that was sent; undefined: only as it went out. */
  readonly keyed?: Pseudonymiser | undefined;
}

/**
 * Explains one kept or audit sample from the topics alone: no running processor is asked.
 * @throws sample-unknown
 */
export async function explainSample(
  { config, transport, codecs, keyed }: ExplainDeps,
  sampleId: string,
): Promise<SampleExplanation> {
  const found = await findSample(transport, codecs, sampleId, keyed && publicIdsOf(sampleId, keyed));
  const { topic, sample } = found;
  const { config: configThen, ...then } = await new SelectionsThen(config, transport).of(sample.selectionId);
  const coin = coinFacts(sample, topic, configThen, createKeyOf(await createHash32()));
  const { features: _features, embeddings: _embeddings, ...facts } = sample;
  const { model, why } = await modelOf(transport, found);
  return { topic, sample: facts, selection: { ...then, ...coin }, model, why };
}

async function modelOf(transport: Transport, found: FoundSample): Promise<Pick<SampleExplanation, 'model' | 'why'>> {
  const { snapshotVersion, featureSetId } = found.sample;
  if (snapshotVersion === NO_SNAPSHOT) return { model: null, why: 'it was selected before the first snapshot' };
  try {
    return { model: await modelFacts(await fetchSnapshot(transport, snapshotVersion, featureSetId), found), why: null };
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || !thrown.code.startsWith('snapshot-')) throw thrown;
    return { model: null, why: thrown.reason };
  }
}

async function modelFacts(
  { manifest, onnx }: Snapshot,
  { sample, background, backgroundRows }: FoundSample,
): Promise<ModelFacts> {
  const { columns, gain, learner, featureSetId, version } = manifest;
  const row = Float32Array.from(sample.features);
  const model = await onnxModelLoader().load(onnx, version, featureSetId);
  try {
    const { probability, members } = await model.predict(row, 1);
    const predictor = readPredictor(onnx, row.length, model.memberCount);
    const ranking = columns.map((column, i) => ({ column, gain: gain[i] ?? 0 })).sort((a, b) => b.gain - a.gain);
    const common = { learner, members: [...members], prediction: probability[0]!, ranking };
    if (!predictor)
      return { ...common, paths: null, why: 'its graph is not one that Sluice wrote, so its paths are not known' };
    const { scale, base, total, contributions } = explain(predictor, row, background);
    const parts = columns.map((column, i) => ({
      column,
      value: Number.isNaN(row[i]!) ? null : row[i]!,
      contribution: contributions[i]!,
    }));
    const moved = parts
      .filter(({ contribution }) => contribution !== 0)
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
    return { ...common, paths: { scale, base, total, columns: moved, backgroundRows }, why: null };
  } finally {
    await model.close();
  }
}
