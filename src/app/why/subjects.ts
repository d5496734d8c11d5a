import { impressionIdOf } from '../../events/impression-id.js';
import type { Pseudonymiser } from '../../ports/pseudonymiser.js';
import { sampleIdOf, type FoundMessage } from './find-messages.js';
import type { Details, WhyFate } from './fate.js';

/** One thing that a found message holds, until its details are known. */
export interface Subject {
  readonly kind: WhyFate['subject'];
  /** As it goes out. */
  readonly id: string;
  readonly found: FoundMessage;
  /** Place among the items that passed cleaning; null: it is no such item. */
  readonly item: number | null;
  /** Place in the message of an item that was refused on its own; null: it is none. */
  readonly refusedAt: number | null;
  details?: Details;
}

/** What a message holds of what is asked for. */
export function subjectsOf(found: FoundMessage, keyed: Pick<Pseudonymiser, 'pseudonym'>): Subject[] {
  const { admitted, place } = found;
  switch (admitted.kind) {
    case 'rejected': {
      const id = `${place.input} ${place.partition}:${place.offset}`;
      return [{ kind: 'message', id, found, item: null, refusedAt: null }];
    }
    case 'interaction': {
      const { publicId, interactionId } = admitted.interaction;
      return [{ kind: 'interaction', id: publicId ?? interactionId, found, item: null, refusedAt: null }];
    }
    case 'list': {
      const { list } = admitted;
      const impression = (id: string, item: number | null, refusedAt: number | null): Subject => ({
        kind: 'impression',
        id,
        found,
        item,
        refusedAt,
      });
      const isHidden = list.publicId !== undefined;
      return [
        ...found.items.map((item) => impression(sampleIdOf(list, list.items[item]!), item, null)),
        ...[...found.refusedIds].map(([at, id]) =>
          impression(isHidden ? keyed.pseudonym('request', id) : id, null, at),
        ),
      ];
    }
  }
}

/** A subject with its end, for the answer. */
export function whyFateOf({ kind, id, found, details }: Subject): WhyFate {
  const { admitted, place, isAsked, sessionPartition } = found;
  const list = admitted.kind === 'list' ? admitted.list : null;
  const interaction = admitted.kind === 'interaction' ? admitted.interaction : null;
  return {
    subject: kind,
    isAsked,
    id,
    place,
    eventTimeMs: list?.eventTimeMs ?? interaction?.eventTimeMs ?? null,
    type: interaction?.type ?? null,
    surface: list?.surface ?? null,
    sessionPseudonym: list?.session ?? interaction?.session ?? null,
    sessionPartition,
    details: details ?? { fate: 'untold', why: 'nothing tells' },
  };
}

/** Ids that samples may have gone out with of what was asked for, hidden or not. */
export function publicFormsOf(id: string, keyed: Pick<Pseudonymiser, 'pseudonym'>): readonly string[] {
  const hidden = keyed.pseudonym('request', id);
  const hash = id.lastIndexOf('#');
  if (hash < 1) return [id, hidden];
  const position = Number(id.slice(hash + 1));
  const request = keyed.pseudonym('request', id.slice(0, hash));
  return [id, hidden, ...(Number.isInteger(position) ? [impressionIdOf(request, { position })] : [])];
}

/** Tells whether a subject is the only one of its id: what outputs tell of an id is then told of it. */
export function aloneAmong(subjects: readonly Subject[]): (subject: Subject) => boolean {
  const counts = new Map<string, number>();
  for (const one of subjects) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return (subject) => counts.get(nameOf(subject)) === 1;
}

/** Says of each duplicate what it repeats: the one of its id and partition that is none. */
export function fillDuplicates(subjects: readonly Subject[]): void {
  const first = new Map<string, Subject>();
  const key = (subject: Subject): string => `${subject.found.place.partition} ${nameOf(subject)}`;
  for (const one of subjects) if (one.details && one.details.fate !== 'duplicate') first.set(key(one), one);
  for (const one of subjects)
    if (one.details?.fate === 'duplicate')
      one.details = { fate: 'duplicate', of: first.get(key(one))?.found.place ?? null };
}

/** True for what belongs to the answer: what was asked for, and the interactions of it whose end is known. */
export function isTold({ found, details }: Subject, askedIds: ReadonlySet<string>): boolean {
  if (found.isAsked) return true;
  if (!details) return false;
  const isOfOther =
    (details.fate === 'joined' || details.fate === 'late') && !askedIds.has(details.impression.sampleId);
  return !isOfOther;
}

function nameOf({ kind, id }: Subject): string {
  return `${kind} ${id}`;
}
