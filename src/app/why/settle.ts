import type { DeadLetter } from '../../events/words.js';
import type { Committed } from '../../ports/transport.js';
import type { Evidence, FoundLetter } from './evidence.js';
import type { Details, ImpressionFate, UnmatchedBecause } from './fate.js';
import type { Subject } from './subjects.js';
import { keyOf, type Trace, type TracedImpression, type Turn } from './trace.js';

/** What a subject's details are made from. */
export interface Grounds {
  readonly evidence: Evidence;
  readonly letterOf: (subject: Subject) => FoundLetter | undefined;
}

/** What outputs and offsets tell alone of something that was found at one place; undefined: only a re-read tells. */
export function settledByOutputs(subject: Subject, committed: Committed, grounds: Grounds): Details | undefined {
  const { found, kind, id, refusedAt, item } = subject;
  const { input, offset } = found.place;
  const committedOffset = committed.offsets[input];
  if (offset >= committedOffset) return { fate: 'unread', committedOffset, behindCount: offset - committedOffset + 1 };
  const letter = grounds.letterOf(subject);
  if (kind === 'message') {
    const own = lettersOf(subject)[0];
    if (letter) return refused(letter.letter, null, letter);
    return own ? refused(own, null, undefined) : { fate: 'left-out' };
  }
  if (refusedAt !== null) {
    const own = letter?.letter ?? lettersOf(subject)[0];
    return own ? refused(own, refusedAt, letter) : undefined;
  }
  const told = kind === 'impression' ? sampleDetails(id, grounds.evidence) : lateDetails(subject, grounds.evidence);
  if (told) return told;
  // A list whose letter names single items has others that went on.
  const isWhole =
    letter !== undefined && (item === null || letter.letter.refused.some((one) => one.itemIndex === null));
  return isWhole ? refused(letter.letter, null, letter) : undefined;
}

/** Whether the sample of an impression, named by its sequence number, has gone out or was dropped. */
type IsEmitted = (sequence: number) => boolean;

/** What a re-read tells of a subject. */
export function settledByTrace(subject: Subject, trace: Trace, isEmitted: IsEmitted, grounds: Grounds): Details {
  const { found, item, refusedAt } = subject;
  const turn = trace.turns.get(keyOf(found.place));
  const letter = grounds.letterOf(subject);
  const fateOf = (impression: TracedImpression): Details => fate(impression, trace, isEmitted, grounds);
  if (!turn) return waiting(subject, trace);
  switch (turn.kind) {
    case 'rejected':
      return turn.letter ? refused(letter?.letter ?? turn.letter, null, letter) : { fate: 'left-out' };
    case 'list': {
      if (refusedAt !== null) return refused(letter?.letter ?? turn.letter!, refusedAt, letter);
      const became = turn.items[item ?? 0];
      if (became === undefined) return untold('the list was another one when it was read');
      if (became === 'duplicate') return { fate: 'duplicate', of: null };
      return became === 'refused' ? refused(letter?.letter ?? turn.letter!, null, letter) : fateOf(became);
    }
    case 'duplicate':
      return { fate: 'duplicate', of: null };
    case 'diverted':
      return refused(letter?.letter ?? turn.letter, null, letter);
    case 'pending':
      return { fate: 'pending', untilMs: trace.waitsUntilMs(keyOf(found.place)) };
    case 'unmatched':
      return { fate: 'unmatched', because: becauseOf(turn), impressionAt: null };
    case 'joined':
      return { fate: 'joined', impression: impressionFate(turn.impression, fateOf) };
    case 'late': {
      const known = lateDetails(subject, grounds.evidence);
      return { ...(known ?? NO_LATE), fate: 'late', impression: impressionFate(turn.impression, fateOf) };
    }
  }
}

const NO_LATE = { at: null, pastWindowMs: null, behindWatermarkMs: null } as const;

/** The late record of an interaction. */
function lateDetails({ id, kind }: Subject, { late }: Evidence): (Details & { fate: 'late' }) | undefined {
  const found = kind === 'interaction' ? late.find((one) => one.late.interactionId === id) : undefined;
  if (!found) return undefined;
  const { pastWindowMs, behindWatermarkMs, sampleId } = found.late;
  return { fate: 'late', at: found.at, pastWindowMs, behindWatermarkMs, impression: { sampleId, fate: null } };
}

/** The sample of an impression. */
export function sampleDetails(sampleId: string, { samples }: Evidence): Details | undefined {
  const found = samples.find(({ sample }) => sample.sampleId === sampleId);
  if (!found) return undefined;
  const isAudit = found.at.topic === 'audit';
  return { fate: isAudit ? 'audit' : 'kept', at: found.at, inclusionProbability: found.sample.inclusionProbability };
}

function fate(
  { sampleId, sequence, untilMs, closed }: TracedImpression,
  trace: Trace,
  isEmitted: IsEmitted,
  { evidence }: Grounds,
): Details {
  if (!closed) return { fate: 'open', untilMs, watermarkMs: trace.watermarkMs };
  if (!isEmitted(sequence)) return { fate: 'closing' };
  if (closed.unexaminedBy) return { fate: 'unexamined', examined: closed.unexaminedBy };
  return sampleDetails(sampleId, evidence) ?? { fate: 'dropped', selection: null, why: null };
}

function impressionFate(impression: TracedImpression, fateOf: (one: TracedImpression) => Details): ImpressionFate {
  return { sampleId: impression.sampleId, fate: fateOf(impression) };
}

function waiting({ found }: Subject, { watermarkMs }: Trace): Details {
  const { admitted } = found;
  if (admitted.kind === 'rejected') return untold('it was accepted when it was read, and would not be now');
  return {
    fate: 'waiting',
    turnMs: admitted.timeMs,
    watermarkMs: Number.isFinite(watermarkMs) ? watermarkMs : null,
  };
}

function becauseOf({ because }: Turn & { kind: 'unmatched' }): UnmatchedBecause {
  switch (because) {
    case 'OtherSession':
      return 'other-session';
    case 'OtherItem':
      return 'other-item';
    case 'BeforeShown':
      return 'before-shown';
    case 'none':
      return 'no-impression';
  }
}

/** @param itemIndex of the part that the subject is; null: all of it */
function refused(letter: DeadLetter, itemIndex: number | null, found: FoundLetter | undefined): Details {
  const part = letter.refused.find((one) => one.itemIndex === itemIndex) ?? letter.refused[0] ?? letter;
  return { fate: 'dead-letter', at: found?.at ?? null, code: part.code, stage: letter.stage, reason: part.reason };
}

function lettersOf({ found: { admitted } }: Subject): readonly DeadLetter[] {
  return admitted.kind === 'interaction' ? [] : admitted.deadLetters;
}

/** The impression's own end, behind that of an interaction. */
export function fateIn(details: Details): Details {
  const isAttached = details.fate === 'joined' || details.fate === 'late';
  return isAttached ? (details.impression.fate ?? details) : details;
}

/** The same details with another end of the impression. */
export function withFate(details: Details, fate: Details): Details {
  const isAttached = details.fate === 'joined' || details.fate === 'late';
  return isAttached ? { ...details, impression: { ...details.impression, fate } } : fate;
}

/** Everything of a letter whose message is gone. */
export function letterDetails(found: FoundLetter): Details {
  return refused(found.letter, null, found);
}

export function untold(why: string): Details {
  return { fate: 'untold', why };
}
