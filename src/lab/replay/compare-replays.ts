import { createTrainer } from '../../adapters/threads/trainer.js';
import { createHash32 } from '../../adapters/xxhash/index.js';
import { hasStore } from '../../adapters/lmdb/index.js';
import { openCodecs, openTransport } from '../../app/wire.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { isOwnName } from '../../events/own-name.js';
import { SURFACES, type Surface } from '../../events/words.js';
import { correctionOf } from '../../learn/learners/index.js';
import { checkChoice, loadOwnCode, pluginChoiceOf } from '../../own/index.js';
import { createKeyOf } from '../../pipeline/state/keys.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Transport } from '../../ports/transport.js';
import { asScored, commonOf, type CommonRows, type Contest, type Trained, trainedOnKept } from './judge-sides.js';
import type { ReplayRange } from './range.js';
import { readReplayRecord, type ReplayCost, type ReplayRecord } from './replay-record.js';
import { shadowOf } from './shadow.js';
import { type ComparedRows, type Naming, rowsInRange, type Side } from './side-rows.js';

/** A side of a comparison. */
export interface SideReport {
  /** A replay; null: the application. */
  readonly replay: string | null;
  /** What it changed of the configuration. */
  readonly sets: readonly string[];
  readonly kept: number;
  readonly audit: number;
  /** Keys and values of the rows of the range. */
  readonly bytes: { readonly training: number; readonly audit: number };
  /** Of all of the replay, warm-up included; null of the application. */
  readonly cost: ReplayCost | null;
}

/** Kept rows of one surface and label. */
export interface KeptReport {
  readonly surface: Surface;
  readonly label: 0 | 1;
  readonly a: number;
  readonly b: number;
  readonly both: number;
}

/** Two policies over the same impressions. */
export interface ReplayComparison {
  readonly range: Pick<ReplayRange, 'fromMs' | 'toMs'>;
  readonly a: SideReport;
  readonly b: SideReport;
  readonly kept: readonly KeptReport[];
  /** Share of what one side kept that the other kept, too; null of nothing. */
  readonly overlap: { readonly ofA: number | null; readonly ofB: number | null };
  /** The audit rows that both have, and in how many of them labels and features are equal; null where the feature sets are not. */
  readonly common: { readonly rows: number; readonly sameLabels: number; readonly sameFeatures: number | null };
  readonly asScored: Contest | null;
  readonly trained: Trained | null;
}

export interface CompareWishes {
  readonly name: string;
  /** Another replay; undefined: the application itself. */
  readonly other: string | undefined;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

interface OpenSide {
  readonly side: Side;
  readonly record: ReplayRecord | null;
  readonly close: () => Promise<void>;
}

/**
 * Compares a replay with its application (or two replays) over the impressions of the range: what was kept, and what models
 * are worth on the audit rows that both have. @throws replay-unknown
 */
export async function compareReplays(wishes: CompareWishes): Promise<ReplayComparison> {
  const { name, other, config } = wishes;
  const opened: OpenSide[] = [];
  try {
    const b = await openReplay(name, wishes);
    opened.push(b);
    const a = other === undefined ? await openApplication(wishes) : await openReplay(other, wishes);
    opened.push(a);
    const range = inBoth(name, b.record!.range, a.record?.range ?? b.record!.range);
    const naming = { keyOf: createKeyOf(await createHash32()), sessionNumbers: new Map<string, number>() };
    const [kept, audits] = [await bothOf('training', a, b, range, naming), await bothOf('audit', a, b, range, naming)];
    const common = commonOf(...audits);
    return {
      range: { fromMs: range.fromMs, toMs: range.toMs },
      a: reportOf(a, kept[0], audits[0]),
      b: reportOf(b, kept[1], audits[1]),
      ...keptOf(...kept),
      common: { rows: common.a.length, ...agreement(...audits, common) },
      asScored: asScored(...audits, common),
      trained: await trained(config, audits, kept, common, wishes.signal),
    };
  } finally {
    for (const { close } of opened) await close();
  }
}

async function openReplay(name: string, { config, clock, logger }: CompareWishes): Promise<OpenSide> {
  const { place, where } = shadowOf(config, name);
  const unknown = (why: string): SluiceError => new SluiceError('replay-unknown', { name, why });
  const none = (): SluiceError => unknown(`there is none in ${where}`);
  if (place.transport.kind === 'embedded' && !hasStore(place.transport.path)) throw none();
  const transport = openTransport(place, { clock, logger });
  try {
    const missing = await transport.missingTopics();
    if (missing.some(({ role }) => role === 'checkpoints')) throw none();
    const record = await readReplayRecord(transport, config.application);
    if (!record) throw none();
    if (!record.finished) throw unknown('it has not come to its end; the same `sluice replay` goes on with it');
    const codecs = openCodecs({ ...place, wire: record.wire }, { clock, logger });
    return { side: { name, transport, codecs, config }, record, close: () => transport.close() };
  } catch (thrown) {
    await transport.close();
    throw thrown;
  }
}

async function openApplication({ config, clock, logger }: CompareWishes): Promise<OpenSide> {
  const transport: Transport = openTransport(config, { clock, logger });
  await transport.prepare();
  const codecs = openCodecs(config, { clock, logger });
  return {
    side: { name: config.application, transport, codecs, config },
    record: null,
    close: () => transport.close(),
  };
}

function inBoth(name: string, one: ReplayRange, other: ReplayRange): ReplayRange {
  const fromMs = Math.max(one.fromMs, other.fromMs);
  const toMs = Math.min(one.toMs, other.toMs);
  if (fromMs >= toMs)
    throw new SluiceError('replay-unknown', { name, why: 'the two replays are about ranges that do not overlap' });
  return { fromMs, toMs, warmUpMs: 0 };
}

async function bothOf(
  topic: 'training' | 'audit',
  a: OpenSide,
  b: OpenSide,
  range: ReplayRange,
  naming: Naming,
): Promise<readonly [ComparedRows, ComparedRows]> {
  return [await rowsInRange(a.side, topic, range, naming), await rowsInRange(b.side, topic, range, naming)];
}

function reportOf({ record }: OpenSide, kept: ComparedRows, audit: ComparedRows): SideReport {
  return {
    replay: record?.name ?? null,
    sets: record?.sets ?? [],
    kept: kept.rowCount,
    audit: audit.rowCount,
    bytes: { training: kept.bytes, audit: audit.bytes },
    cost: record?.finished?.cost ?? null,
  };
}

function keptOf(a: ComparedRows, b: ComparedRows): Pick<ReplayComparison, 'kept' | 'overlap'> {
  const inA = new Set(a.sampleKeys);
  const cells = SURFACES.flatMap((surface, code) =>
    ([0, 1] as const).map((label) => {
      const isOf = (rows: ComparedRows, at: number): boolean => rows.surfaces[at] === code && rows.labels[at] === label;
      const placesOf = (rows: ComparedRows) => Array.from(rows.labels.keys()).filter((at) => isOf(rows, at));
      const ofB = placesOf(b);
      const both = ofB.filter((at) => inA.has(b.sampleKeys[at]!)).length;
      return { surface, label, a: placesOf(a).length, b: ofB.length, both };
    }),
  ).filter((cell) => cell.a + cell.b > 0);
  const both = b.sampleKeys.filter((key) => inA.has(key)).length;
  const share = (count: number): number | null => (count === 0 ? null : both / count);
  return { kept: cells, overlap: { ofA: share(a.rowCount), ofB: share(b.rowCount) } };
}

/** In how many of the common rows both sides say the same. */
function agreement(
  a: ComparedRows,
  b: ComparedRows,
  common: CommonRows,
): { readonly sameLabels: number; readonly sameFeatures: number | null } {
  const isSame = a.featureSetId === b.featureSetId && a.columnCount === b.columnCount;
  let [sameLabels, sameFeatures] = [0, 0];
  for (const [at, inA] of common.a.entries()) {
    const inB = common.b[at]!;
    if (a.labels[inA] === b.labels[inB]) sameLabels++;
    if (isSame && isSameRow(a, inA, b, inB)) sameFeatures++;
  }
  return { sameLabels, sameFeatures: isSame ? sameFeatures : null };
}

function isSameRow(a: ComparedRows, inA: number, b: ComparedRows, inB: number): boolean {
  const { columnCount } = a;
  for (let column = 0; column < columnCount; column++)
    if (!Object.is(a.rows[inA * columnCount + column], b.rows[inB * columnCount + column])) return false;
  return true;
}

async function trained(
  config: Config,
  audits: readonly [ComparedRows, ComparedRows],
  kept: readonly [ComparedRows, ComparedRows],
  common: CommonRows,
  signal: AbortSignal,
): Promise<Trained | null> {
  const ownCode = await loadOwnCode(config);
  checkChoice(config, ownCode);
  const { retrain } = config;
  const settings = isOwnName(retrain.learner)
    ? { ...retrain, correction: correctionOf(retrain.learner, ownCode.learners) }
    : retrain;
  const trainer = createTrainer({ limits: retrain.limits, plugins: pluginChoiceOf(config) });
  try {
    return await trainedOnKept(audits, kept, common, { retrain: settings, trainer, signal });
  } finally {
    await trainer.close();
  }
}
