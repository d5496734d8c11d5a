import { asSnapshotFile, type OutputKind } from '../adapters/onnx/brought/index.js';
import { onnxModelLoader } from '../adapters/onnx/model.js';
import { createHash32 } from '../adapters/xxhash/index.js';
import type { Codecs } from '../adapters/avro/index.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { readAuditWindow } from '../learn/audit-window.js';
import { rowsAfter } from '../learn/calibrate/split.js';
import { judge, type Verdict } from '../learn/evaluate/judge.js';
import type { HeldBundle } from '../bundle/sample.js';
import type { Clock } from '../ports/clock.js';
import type { Model } from '../ports/model.js';
import type { Transport } from '../ports/transport.js';
import {
  promoteSnapshot,
  publishSnapshot,
  readCatalogue,
  refuseWhilePinned,
  tryOut,
  unpack,
  versionOf,
  type Reasons,
  type SnapshotFold,
  type SnapshotManifest,
} from '../snapshot/index.js';
import { describeFeatures } from './describe.js';
import { withRecordedEncoder } from './encoder-choice.js';
import { madeBy, openKeyring } from './made-by.js';

/** What an operator's change of the champion needs. */
export interface PromotionDeps {
  readonly transport: Pick<Transport, 'reader' | 'publish' | 'endOffsets'>;
  readonly codecs: Pick<Codecs, 'audit'>;
  readonly config: Config;
  readonly clock: Clock;
}

/** An operator's word. */
export interface PromotionWishes extends Reasons {
  /** Promotes whatever the gate says; the history keeps what it said. */
  readonly isForced: boolean;
}

/** A model file from outside, and what is said of it. */
export interface BroughtFile extends PromotionWishes {
  readonly onnx: Uint8Array;
  /** Name of the file, for errors. */
  readonly name: string;
  readonly trainedOn?: string | undefined;
  readonly takes?: readonly string[] | undefined;
  readonly output?: string | undefined;
  readonly outputKind: OutputKind;
  readonly mostMsARow?: number | undefined;
  readonly promote: boolean;
}

/** Rows of the audit window that a model is tried on before it is judged on all. */
const TRIED_ROWS = 2_000;

/**
 * Publishes a model from outside: brought into a snapshot's form, tried out on the newest audit rows, judged against the
 * champion on the same rows as a fit is, and made champion when that was asked for and nothing speaks against it.
 * Throws `model-refused` for one of no use, before anyone sees it, and `not-promoted` for one that is published but stays
 * behind the champion.
 */
export async function bringModel(deps: PromotionDeps, file: BroughtFile): Promise<SnapshotManifest> {
  const { transport, config, clock } = deps;
  const { name, outputKind, trainedOn, takes, output, mostMsARow } = file;
  const { featureSetId, columns: declared } = await describeFeatures(await withRecordedEncoder(config, transport));
  const columns = declared.map((column) => column.name);
  const wishes = { featureSetId, columns, trainedOn, takes, output, outputKind };
  const onnx = await asSnapshotFile(file.onnx, name, wishes);
  const audit = await auditRows(deps, featureSetId, columns.length);
  const columnCount = columns.length;
  const rows = audit.rows.slice(Math.max(0, audit.rowCount - TRIED_ROWS) * columnCount);
  const loader = onnxModelLoader();
  const { memberCount, selfTest } = await tryOut(
    { loader, clock },
    { onnx, name, featureSetId, columnCount, rows, mostMsARow },
  );
  const state = await readCatalogue(transport);
  if (file.promote) refuseWhilePinned(state);
  const { decision, candidate, champion } = await verdictOn(deps, state, audit, { onnx, featureSetId });
  const isPromoted = file.promote && (decision.outcome === 'promoted' || file.isForced);
  const isForced = isPromoted && decision.outcome !== 'promoted';
  const manifest = await publishSnapshot(
    { transport, clock, keyring: openKeyring(config) },
    {
      provenance: { seed: null, ...madeBy(config) },
      selfTest,
      ...{ onnx, featureSetId, columns, memberCount, promote: isPromoted, who: file.who },
      reason: isForced ? forced(file.why, decision.reason) : file.why,
      judged: {
        metrics: { candidate, champion },
        decision: {
          ...decision,
          outcome: isForced || !file.promote ? 'manual' : decision.outcome,
          reason: isForced ? forced(file.why, decision.reason) : `${file.why}; ${decision.reason}`,
        },
      },
    },
  );
  if (file.promote && !isPromoted)
    throw new SluiceError('not-promoted', { version: manifest.version, why: decision.reason });
  return manifest;
}

/**
 * Makes a published version champion after the same judgement. Throws `not-promoted` when something speaks against it, and
 * what {@link promoteSnapshot} throws.
 */
export async function promoteJudged(
  deps: PromotionDeps,
  named: string,
  { isForced, who, why }: PromotionWishes,
): Promise<SnapshotManifest> {
  const { transport, config, clock } = deps;
  const { featureSetId, columns } = await describeFeatures(await withRecordedEncoder(config, transport));
  const state = await readCatalogue(transport);
  const version = versionOf(state, named);
  const keyring = openKeyring(config);
  const { manifest, onnx } = unpack(state, version, featureSetId, keyring);
  refuseWhilePinned(state);
  const audit = await auditRows(deps, featureSetId, columns.length);
  const untilMs = manifest.calibration?.untilMs ?? null;
  const { decision } = await verdictOn(deps, state, rowsAfter(audit, untilMs), { onnx, featureSetId });
  const isBehind = decision.outcome !== 'promoted' && state.pointer?.version !== version;
  if (isBehind && !isForced) throw new SluiceError('not-promoted', { version, why: decision.reason });
  return promoteSnapshot({ transport, clock, keyring }, version, featureSetId, {
    who,
    why: isBehind ? forced(why, decision.reason) : why,
  });
}

const forced = (why: string, against: string): string => `${why} (forced, although: ${against})`;

/** The newest audit rows, as the learner judges on them. */
export async function auditRows(
  { transport, codecs, config }: Pick<PromotionDeps, 'transport' | 'codecs' | 'config'>,
  featureSetId: string,
  columnCount: number,
): Promise<HeldBundle> {
  const deps = { transport, codec: codecs.audit, hash: await createHash32() };
  return readAuditWindow(deps, { featureSetId, columnCount, sampleCount: config.retrain.auditWindowSamples });
}

/** Judges a model against the champion as a fit would be; an operator's word stands in for `retrain.promote = manual`. */
async function verdictOn(
  { config }: PromotionDeps,
  state: SnapshotFold,
  rows: Parameters<typeof rowsAfter>[0],
  { onnx, featureSetId }: { readonly onnx: Uint8Array; readonly featureSetId: string },
): Promise<Verdict> {
  const { promote, guards } = config.retrain;
  const loader = onnxModelLoader();
  const present = await championOf(state, featureSetId);
  try {
    const candidate = await loader.load(onnx, 'candidate', featureSetId);
    try {
      const audit = rowsAfter(rows, present.untilMs);
      return await judge({
        ...{ candidate, champion: present.model, audit, guards },
        fallback: () => ({ ...audit, rows: new Float32Array(audit.columnCount), rowCount: 1 }),
        // What a constant could do at best: a first model has to beat that.
        baseRate: clickRateOf(audit),
        policy: promote === 'manual' ? 'not-worse' : promote,
      });
    } finally {
      await candidate.close();
    }
  } finally {
    await present.model?.close();
  }
}

/** Click rate of the whole log: what it left out before it came, by label, weighs. */
function clickRateOf({ labels, weights }: Pick<HeldBundle, 'labels' | 'weights'>): number {
  const [clicks, all] = weights.reduce(
    ([sum, total], weight, i) => [sum + weight * labels[i]!, total + weight],
    [0, 0],
  );
  return clicks / all;
}

/** The champion as a model; one that does not load stands in nobody's way. */
async function championOf(
  state: SnapshotFold,
  featureSetId: string,
): Promise<{ readonly model: Model | undefined; readonly untilMs: number | null }> {
  const none = { model: undefined, untilMs: null };
  if (!state.pointer) return none;
  try {
    const { manifest, onnx } = unpack(state, state.pointer.version, featureSetId);
    const model = await onnxModelLoader().load(onnx, manifest.version, featureSetId);
    return { model, untilMs: manifest.calibration?.untilMs ?? null };
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.class !== 'bug') return none;
    throw thrown;
  }
}
