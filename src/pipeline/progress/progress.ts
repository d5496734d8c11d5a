import { SluiceError } from '../../errors.js';
import { INPUTS, MAX_PROGRESS_BYTES, type InputOffsets } from '../../ports/transport.js';
import type { WrittenCheckpoint } from '../checkpoint/checkpointer.js';
import type { WholeCheckpoint } from '../checkpoint/whole.js';
import { decodeMarks, encodeMarks, type Marks } from '../join/lane.js';
import { isBelief, isSwitch, type Decree } from '../order/decree.js';
import type { SketchMemory } from '../quality/contradiction-sketch.js';
import type { SharedProgress } from '../shared/delta-feed.js';
import type { CommitteeMemory } from '../score/scorer.js';
import type { SelectionMemory } from '../select/selection-memory.js';
import { decodeCounts, encodeCounts, noCounts, type Counts } from './counts.js';

/**
 * The progress record: what a transaction must carry because it is not a function of the input, or because a restart needs
 * it before any checkpoint has been read. A few hundred bytes of JSON.
 */
export interface Progress {
  /** The offsets that it was committed with; absent in records of earlier releases, and before the first. */
  readonly at?: InputOffsets;
  readonly watermarkMs: number;
  /** Where what was emitted ends, by lane of the join. */
  readonly emittedBefore: Marks;
  /** Budget controller at the last emission; null before the first scored sample. */
  readonly lnMu: number | null;
  readonly counts: Counts;
  /** What happened beside the input since the rewind point, oldest first: advances of the watermark, switches of settings. */
  readonly forced: readonly Decree[];
  /** Id of the settings that held before the first of them; absent in the record of an application that has done nothing. */
  readonly settings?: string;
  /** Where the input of the application begins, after a reset; absent: at its beginning. */
  readonly begins?: InputOffsets;
  /** The checkpoint to restore from; null: the input is read again from where it begins. */
  readonly checkpointId: number | null;
  /** A newer checkpoint that waits until everything in it is emitted; absent without one. */
  readonly written?: WrittenCheckpoint;
  /** The whole checkpoint of the last drain; absent without one that is still the newest. */
  readonly whole?: WholeCheckpoint;
  /** Offsets after the last messages whose schema was not known when they were read; absent while there was none. */
  readonly unknownBefore?: InputOffsets;
  /** What selection carries beside ln μ; absent where the config asks for nothing more. */
  readonly selection?: SelectionMemory;
  /** What a learning scorer has learned; absent where it learns nothing. */
  readonly committee?: CommitteeMemory;
  /** Sources whose labels contradict the committee; absent while there are none. */
  readonly contradictions?: SketchMemory;
  /** Where shared counters stand; absent where they are not shared. */
  readonly shared?: SharedProgress;
}

/** The record of an application that has done nothing. */
export const NO_PROGRESS: Progress = {
  watermarkMs: -Infinity,
  emittedBefore: [0],
  lnMu: null,
  counts: noCounts(),
  forced: [],
  checkpointId: null,
};

/** @throws progress-too-large over {@link MAX_PROGRESS_BYTES} */
export function encodeProgress(progress: Progress): string {
  const text = JSON.stringify({
    v: VERSION,
    w: finiteOrNull(progress.watermarkMs),
    e: encodeMarks(progress.emittedBefore),
    m: progress.lnMu,
    c: encodeCounts(progress.counts),
    f: encodeForced(progress.forced),
    k: progress.checkpointId,
    ...(progress.at ? { o: [progress.at.impressions, progress.at.interactions] as const } : {}),
    ...(progress.settings === undefined ? {} : { g: progress.settings }),
    ...(progress.begins ? { b: [progress.begins.impressions, progress.begins.interactions] as const } : {}),
    ...encodeWritten(progress.written),
    ...encodeWhole(progress.whole),
    ...(progress.unknownBefore
      ? { u: [progress.unknownBefore.impressions, progress.unknownBefore.interactions] as const }
      : {}),
    ...encodeMemory(progress),
    ...(progress.shared ? { d: [progress.shared.from, progress.shared.lastNumber] as const } : {}),
  });
  if (text.length > MAX_PROGRESS_BYTES)
    throw new SluiceError('progress-too-large', { bytes: text.length, limit: MAX_PROGRESS_BYTES });
  return text;
}

/** Reads what {@link encodeProgress} wrote; null gives {@link NO_PROGRESS}. @throws progress-version */
export function decodeProgress(text: string | null): Progress {
  if (text === null || text === '') return { ...NO_PROGRESS, counts: noCounts() };
  const record = JSON.parse(text) as ProgressText;
  if (record.v !== VERSION) throw new SluiceError('progress-version', { found: record.v, expected: VERSION });
  const counts = decodeCounts(record.c);
  const { m: lnMu, k: checkpointId } = record;
  return {
    watermarkMs: record.w ?? -Infinity,
    emittedBefore: decodeMarks(record.e),
    lnMu,
    counts,
    forced: decodeForced(record.f),
    checkpointId,
    ...(record.o ? { at: { impressions: record.o[0], interactions: record.o[1] } } : {}),
    ...(record.g === undefined ? {} : { settings: record.g }),
    ...(record.b ? { begins: { impressions: record.b[0], interactions: record.b[1] } } : {}),
    ...decodeWritten(record),
    ...decodeWhole(record),
    ...decodeUnknown(record),
    ...decodeMemory(record),
    ...(record.d ? { shared: { from: record.d[0], lastNumber: record.d[1] } } : {}),
  };
}

/** True when the offsets beside a progress record are not those that it was committed with: a tool has moved them. */
export function isMoved({ at }: Progress, committed: InputOffsets): boolean {
  return at !== undefined && INPUTS.some((input) => at[input] !== committed[input]);
}

/** A progress record as it is written. `s`, `a`, `h`, `u`, `q` and `t` are there only when there is something in them. */
interface ProgressText {
  readonly v: number;
  readonly w: number | null;
  readonly e: number | Marks;
  readonly m: number | null;
  /** A list in records of earlier releases. */
  readonly c: string | readonly number[];
  /** A list in records of earlier releases. */
  readonly f: string | readonly ForcedEntry[];
  readonly k: number | null;
  readonly o?: readonly [impressions: number, interactions: number];
  readonly g?: string;
  readonly b?: readonly [impressions: number, interactions: number];
  readonly s?: SelectionMemory;
  readonly a?: readonly [version: string, sampleCount: number, ...losses: number[]];
  readonly h?: SketchMemory;
  readonly u?: readonly [impressions: number, interactions: number];
  readonly d?: readonly [from: number, lastNumber: number];
  readonly q?: readonly [
    checkpointId: number,
    ends: number | Marks,
    impressions: number,
    interactions: number,
    shape?: string,
  ];
  readonly t?: readonly [wholeId: number, afterId: number, shape: string, impressions?: number, interactions?: number];
}

function encodeWhole(whole: WholeCheckpoint | undefined): Pick<ProgressText, 't'> {
  if (!whole) return {};
  const { wholeId, afterId, shape, ordinaryOffsets: from } = whole;
  return { t: from ? [wholeId, afterId, shape, from.impressions, from.interactions] : [wholeId, afterId, shape] };
}

function decodeWhole({ t }: ProgressText): Pick<Progress, 'whole'> {
  if (!t) return {};
  const [wholeId, afterId, shape, impressions, interactions] = t;
  const ordinaryOffsets =
    impressions === undefined || interactions === undefined ? undefined : { impressions, interactions };
  return { whole: { wholeId, afterId, shape, ordinaryOffsets } };
}

function encodeWritten(written: WrittenCheckpoint | undefined): Pick<ProgressText, 'q'> {
  if (!written) return {};
  const { checkpointId, ends, offsets, shape } = written;
  return { q: [checkpointId, encodeMarks(ends), offsets.impressions, offsets.interactions, shape] };
}

function decodeWritten({ q }: ProgressText): Pick<Progress, 'written'> {
  if (!q) return {};
  const [checkpointId, ends, impressions, interactions, shape = ''] = q;
  return { written: { checkpointId, ends: decodeMarks(ends), offsets: { impressions, interactions }, shape } };
}

function decodeUnknown({ u }: ProgressText): Pick<Progress, 'unknownBefore'> {
  return u ? { unknownBefore: { impressions: u[0], interactions: u[1] } } : {};
}

function encodeMemory({ selection, committee, contradictions }: Progress): Pick<ProgressText, 's' | 'a' | 'h'> {
  return {
    ...(selection && Object.keys(selection).length > 0 ? { s: selection } : {}),
    ...(committee ? { a: [committee.snapshotVersion, committee.sampleCount, ...committee.losses] as const } : {}),
    ...(contradictions ? { h: contradictions } : {}),
  };
}

function decodeMemory({ s, a, h }: ProgressText): Pick<Progress, 'selection' | 'committee' | 'contradictions'> {
  return {
    ...(s ? { selection: s } : {}),
    ...(a ? { committee: { snapshotVersion: a[0], sampleCount: a[1], losses: a.slice(2) as number[] } } : {}),
    ...(h ? { contradictions: h } : {}),
  };
}

const VERSION = 1;

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Begins the text that stands for a belief, by input; ids of settings begin with neither. */
const BELIEVES = { impressions: '<', interactions: '>' } as const;

/** Begins the id of settings, and stands for a floor that was let go, where the entries are one text. */
const SETTINGS = '=';
const LET_GO = '!';

/** One of three a decree: the two offsets, and a floor, the id of settings, a belief or null. */
type ForcedEntry = number | string | null;

// Deltas, in base 36: a hundred forced advances take about 1.1 kB. A text in the place of a floor is the id of settings, or a
// belief: the time it reaches to; nothing for all.
function encodeForced(forced: readonly Decree[]): string {
  const texts: string[] = [];
  let last = { impressions: 0, interactions: 0, floorMs: 0 };
  for (const decree of forced) {
    const { impressions, interactions } = decree;
    texts.push(shortest(impressions - last.impressions), shortest(interactions - last.interactions));
    let { floorMs } = last;
    if (isSwitch(decree)) texts.push(SETTINGS + decree.settings);
    else if (isBelief(decree)) {
      const { believes, upToMs } = decree;
      texts.push(BELIEVES[believes] + (upToMs === Infinity ? '' : upToMs.toString(36)));
    } else {
      texts.push(decree.floorMs === null ? LET_GO : shortest(decree.floorMs - last.floorMs));
      floorMs = decree.floorMs ?? floorMs;
    }
    last = { impressions, interactions, floorMs };
  }
  return texts.join(' ');
}

function shortest(number: number): string {
  return Number.isSafeInteger(number) ? number.toString(36) : `~${number}`;
}

/** The entries of the text, as records of earlier releases list them. */
function entriesOf(text: string): ForcedEntry[] {
  if (text === '') return [];
  return text.split(' ').map((entry) => {
    if (entry === LET_GO) return null;
    if (entry.startsWith(SETTINGS)) return entry.slice(1);
    if (Object.values(BELIEVES).some((sign) => entry.startsWith(sign))) return entry;
    return entry.startsWith('~') ? Number(entry.slice(1)) : Number.parseInt(entry, 36);
  });
}

function decodeForced(written: string | readonly ForcedEntry[]): Decree[] {
  const flat = typeof written === 'string' ? entriesOf(written) : written;
  const forced: Decree[] = [];
  let last = { impressions: 0, interactions: 0, floorMs: 0 };
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const impressions = last.impressions + Number(flat[i]);
    const interactions = last.interactions + Number(flat[i + 1]);
    const what = flat[i + 2] ?? null;
    let { floorMs } = last;
    const believes = INPUTS.find((input) => typeof what === 'string' && what.startsWith(BELIEVES[input]));
    if (typeof what === 'string') {
      const upToMs = what.length > 1 ? Number.parseInt(what.slice(1), 36) : Infinity;
      forced.push({ impressions, interactions, ...(believes ? { believes, upToMs } : { settings: what }) });
    } else {
      if (what !== null) floorMs += what;
      forced.push({ impressions, interactions, floorMs: what === null ? null : floorMs });
    }
    last = { impressions, interactions, floorMs };
  }
  return forced;
}
