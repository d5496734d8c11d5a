import { changeClassOf, type ChangeClass } from '../config/changes.js';
import { shownConfig } from '../config/shown.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { unusable } from '../learn/usable.js';
import { assembleCheckpoint, unpackCheckpoint } from '../pipeline/checkpoint/pack.js';
import { checkpointsFor } from '../pipeline/checkpoint/load.js';
import { isSwitch } from '../pipeline/order/decree.js';
import { decodeProgress, isMoved, type Progress } from '../pipeline/progress/progress.js';
import { rowsOfReservoir } from '../bundle/row-bytes.js';
import { changesBetween, KEY, leavesOf, refusalsOf, type AdmissionSettings } from '../pipeline/settings/admission.js';
import { readShelf, refuseOtherInputs, type Shelf } from '../pipeline/settings/shelf.js';
import type { Codec } from '../ports/codec.js';
import type { TrainingSample } from '../events/words.js';
import {
  INPUTS,
  type Committed,
  type InputOffsets,
  type LogRecord,
  type TopicRole,
  type Transport,
} from '../ports/transport.js';
import { readCatalogue } from '../snapshot/index.js';
import { firstFrom } from './read-range.js';

/** A change of one option and what a start under it does. */
export interface PlannedChange {
  readonly path: string;
  readonly class: ChangeClass;
  /** Values as JSON. */
  readonly before: string;
  readonly after: string;
}

/** What a start reads again of one partition. */
export interface PlannedPartition {
  readonly partition: number;
  /** Messages between the newest checkpoint (or the beginning) and what is committed. */
  readonly rereads: InputOffsets;
  readonly fromCheckpoint: number | null;
}

/** Why a start would be refused, and the ways out. */
export interface PlannedRefusal {
  readonly code: string;
  readonly reason: string;
}

/** What a start under a config would do; nothing of it has happened. */
export interface Plan {
  readonly application: string;
  /** `new`: nothing has run yet. */
  readonly verdict: 'new' | 'unchanged' | 'goes-on' | 'refused';
  readonly refusals: readonly PlannedRefusal[];
  readonly changes: readonly PlannedChange[];
  /** Full names; made at the start unless `topics.create` is off. */
  readonly missingTopics: readonly string[];
  readonly partitions: readonly PlannedPartition[];
  /** The champion of now; null without one. */
  readonly champion: { readonly version: string; readonly featureSetId: string; readonly isRefused: boolean } | null;
  readonly featureSetId: string;
  /** Rows that the learner holds after a start: those of another feature set are of no use to it. */
  readonly reservoir: { readonly rows: number; readonly lost: number };
}

/** What a plan is made from. */
export interface PlanSources {
  readonly config: Config;
  readonly transport: Pick<Transport, 'reader' | 'endOffsets' | 'committedAll' | 'missingTopics'>;
  readonly codec: Codec<TrainingSample>;
  readonly settings: () => Promise<AdmissionSettings>;
  readonly featureSet: { readonly featureSetId: string; readonly columnCount: number };
}

/**
 * Says what a start under a config would do, from the topics alone; makes and writes nothing.
 * @throws what the transport throws; settings-lost when the settings that the input was read under are gone
 */
export async function planStart(sources: PlanSources): Promise<Plan> {
  const { config, transport, featureSet } = sources;
  const { application } = config;
  const missing = await transport.missingTopics();
  const refusals: PlannedRefusal[] = [];
  if (!config.topics.create) refusals.push(...missing.map(({ topic }) => refusalOf('topic-missing', { topic })));
  const isThere = (...roles: readonly TopicRole[]): boolean => missing.every(({ role }) => !roles.includes(role));

  const changes = new Map<string, PlannedChange>();
  const partitions: PlannedPartition[] = [];
  let hasRun = false;
  if (isThere(...INPUTS, 'checkpoints')) {
    for (const [partition, committed] of [...(await transport.committedAll())].sort(([a], [b]) => a - b)) {
      const progress = decodeProgress(committed.progress);
      const owner = { application, partition };
      const shelf = await readShelf(transport, owner, checkpointsFor(progress.checkpointId));
      if (!committed.progress && shelf.settings.size === 0) continue;
      hasRun = true;
      const other = otherInputs(shelf, config);
      if (other) {
        refusals.push(other);
        continue;
      }
      if (!committed.progress || isMoved(progress, committed.offsets)) {
        refusals.push(refusalOf('progress-lost', owner));
        continue;
      }
      partitions.push({ partition, ...(await rereadOf(shelf, progress, committed, partition)) });
      const now = await sources.settings();
      const before = settingsOf(shelf, progress, partition) ?? now;
      const refused = refusalsOf(before, now, changeClassOf, config.privacy.replaces);
      for (const { code, message } of refused) refusals.push({ code, reason: message });
      // What is no option (the stages, the key) is refused by name, or goes on as what is switched or rebuilt does.
      const otherwise = (path: string): ChangeClass =>
        refused.length > 0 ? 'refused' : path === KEY ? 'rebuilt' : 'switched';
      for (const change of [...changesBetween(before, now), ...configChanges(shelf.config, config)])
        changes.set(change.path, { ...change, class: changeClassOf(change.path) ?? otherwise(change.path) });
    }
  }

  // Topics by session that are not there yet say nothing of an application that has read the inputs themselves.
  if (!isThere(...INPUTS) && isThere('checkpoints')) {
    const other = otherInputs(await readShelf(transport, { application, partition: 0 }, []), config);
    if (other) refusals.push(other);
  }

  const snapshots = isThere('snapshots') ? await readCatalogue(transport) : undefined;
  const manifest = snapshots?.pointer && snapshots.manifests.get(snapshots.pointer.version);
  const reservoir = isThere('training') ? await reservoirOf(sources) : { rows: 0, lost: 0 };
  const isRefused = manifest !== undefined && manifest.featureSetId !== featureSet.featureSetId;
  const unique = [...new Map(refusals.map((refusal) => [refusal.reason, refusal])).values()];
  return {
    application,
    verdict: unique.length > 0 ? 'refused' : !hasRun ? 'new' : changes.size > 0 || isRefused ? 'goes-on' : 'unchanged',
    refusals: unique,
    changes: [...changes.values()].sort((left, right) => (left.path < right.path ? -1 : 1)),
    missingTopics: missing.map(({ topic }) => topic),
    partitions,
    champion: manifest ? { version: manifest.version, featureSetId: manifest.featureSetId, isRefused } : null,
    featureSetId: featureSet.featureSetId,
    reservoir,
  };
}

function refusalOf(code: 'topic-missing' | 'progress-lost', facts: Record<string, string | number>): PlannedRefusal {
  return { code, reason: new SluiceError(code, facts).message };
}

/** The refusal of an application that has read other inputs; undefined: it has not. */
function otherInputs({ config: kept }: Shelf, config: Config): PlannedRefusal | undefined {
  try {
    refuseOtherInputs(kept, config);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    return { code: thrown.code, reason: thrown.message };
  }
}

type Change = Omit<PlannedChange, 'class'>;

/** Settings at the end of what was committed; undefined when nothing was read, as after a reset. */
function settingsOf(shelf: Shelf, progress: Progress, partition: number): AdmissionSettings | undefined {
  const id = progress.forced.filter(isSwitch).at(-1)?.settings ?? progress.settings;
  if (id === undefined) return undefined;
  const found = shelf.settings.get(id);
  if (!found) throw new SluiceError('settings-lost', { id, partition });
  return found;
}

/** What has changed of the config of the last start, where that was written down. */
function configChanges(before: unknown, after: Config): readonly Change[] {
  if (before === undefined) return [];
  const [old, now] = [leavesOf(shownConfig(before)), leavesOf(shownConfig(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? 'nothing', after: now.get(path) ?? 'nothing' }))
    .filter((change) => change.before !== change.after);
}

async function rereadOf(
  shelf: Shelf,
  progress: Progress,
  { offsets }: Committed,
  partition: number,
): Promise<Omit<PlannedPartition, 'partition'>> {
  const { checkpointId, begins } = progress;
  const from =
    checkpointId === null
      ? (begins ?? { impressions: 0, interactions: 0 })
      : (await unpackCheckpoint(assembleCheckpoint(shelf.chunks, partition, checkpointId))).start.offsets;
  return {
    rereads: {
      impressions: Math.max(0, offsets.impressions - from.impressions),
      interactions: Math.max(0, offsets.interactions - from.interactions),
    },
    fromCheckpoint: checkpointId,
  };
}

/** Rows that are looked at for each one that the reservoir holds. */
const LOOKED_AT_A_ROW = 2;

/** Counts the rows that the learner would find of use, as its intake does, among the newest: a long topic costs no more. */
async function reservoirOf({ config, transport, codec, featureSet }: PlanSources): Promise<Plan['reservoir']> {
  const { featureSetId, columnCount } = featureSet;
  const most = rowsOfReservoir(config.retrain, columnCount);
  let found = 0;
  let useful = 0;
  for await (const { value } of newest(transport, LOOKED_AT_A_ROW * most)) {
    if (value === null) continue;
    await codec.prepare([value]);
    try {
      if (unusable(codec.decode(value), featureSetId, columnCount) === undefined) useful++;
    } catch (thrown) {
      if (!(thrown instanceof SluiceError) || thrown.class !== 'data') throw thrown;
      continue;
    }
    found++;
  }
  return { rows: Math.min(useful, most), lost: Math.max(0, Math.min(found, most) - Math.min(useful, most)) };
}

/** The newest training records, at most `count`, as many of each partition. */
async function* newest(transport: Pick<Transport, 'reader' | 'endOffsets'>, count: number): AsyncGenerator<LogRecord> {
  const ends = await transport.endOffsets('training');
  for (const [partition, end] of ends.entries()) {
    const first = await firstFrom(transport, 'training', partition, 'earliest');
    if (!first) continue;
    const from = Math.max(first.offset, end - Math.floor(count / ends.length));
    const reader = await transport.reader(['training'], from, partition);
    try {
      while (!(await reader.caughtUp())) for (const record of await reader.poll(POLL_WAIT_MS)) yield record;
    } finally {
      await reader.close();
    }
  }
}

const POLL_WAIT_MS = 200;
