import type { Key, KeyOf } from '../state/keys.js';

/** What an interaction names, as keys: enough to find its impression, while an id may hold a person. */
export interface Names {
  /** Of the impression id; null: it names none. */
  readonly impression: Key | null;
  /** The impression id read as request#position; null: it is not of that form. */
  readonly place: Place | null;
  /** Of the request; null: it names none. */
  readonly request: Key | null;
}

export interface Place {
  readonly request: Key;
  readonly position: number;
}

/** Ids as an interaction has them, or what they were. */
interface Naming {
  readonly names?: Names;
  readonly impressionId: string | null;
  readonly requestId: string | null;
}

/** What an interaction names; those that it carries, once it has waited. */
export function namesOf({ names, impressionId, requestId }: Naming, keyOf: KeyOf): Names {
  return (
    names ?? {
      impression: impressionId === null ? null : keyOf(impressionId),
      place: impressionId === null ? null : placeOf(impressionId, keyOf),
      request: requestId === null ? null : keyOf(requestId),
    }
  );
}

/** An impression id of the form request#position; null for any other. */
export function placeOf(impressionId: string, keyOf: KeyOf): Place | null {
  const hash = impressionId.lastIndexOf('#');
  const position = Number(impressionId.slice(hash + 1));
  return hash < 1 || !Number.isInteger(position) ? null : { request: keyOf(impressionId.slice(0, hash)), position };
}

/** True for what names no impression: it is of what its session was shown last. */
export function isOfSession({ impression, request }: Names): boolean {
  return impression === null && request === null;
}
