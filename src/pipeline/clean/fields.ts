import { numberOf } from './numbers.js';
import { refuse, shown, type Refusal } from './verdict.js';

/** Longest identifier; a longer one is a mistake upstream, and would cost memory in state. */
const MAX_ID_LENGTH = 1_024;

/** The place of a field that belongs to no item. */
const OF_THE_MESSAGE = -1;

/** The name of a field in a refusal; made only then, since every field of every item passes here. */
function named(field: string, item: number): string {
  return item === OF_THE_MESSAGE ? field : `items[${item}].${field}`;
}

/** True for what a producer sends in place of a required value that it does not have. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/**
 * A required identifier: non-empty text. Numbers are taken as their decimal text, since many logs have them.
 * @param item place of the item whose field it is; absent for the message's own
 */
export function requiredId(value: unknown, field: string, item = OF_THE_MESSAGE): string | Refusal {
  const id =
    typeof value === 'string'
      ? value.trim()
      : typeof value === 'number' && Number.isFinite(value)
        ? String(value)
        : value;
  if (id === undefined || id === null || id === '') return refuse('missing-field', { field: named(field, item) });
  if (typeof id !== 'string')
    return refuse('invalid-field', { field: named(field, item), value: kindOf(value), expected: 'text' });
  if (id.length > MAX_ID_LENGTH)
    return refuse('text-too-long', { field: named(field, item), length: id.length, limit: MAX_ID_LENGTH });
  return id.isWellFormed() ? id : id.toWellFormed();
}

/** What an identifier is that is no text; never the value itself, which may name a person. */
function kindOf(value: unknown): string {
  return typeof value === 'object' ? shown(value) : `a ${typeof value}`;
}

/** An optional identifier: null when absent, empty or blank. */
export function optionalId(value: unknown, field: string, item = OF_THE_MESSAGE): string | null | Refusal {
  const isAbsent = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
  return isAbsent ? null : requiredId(value, field, item);
}

/** Told the name of an optional field whose value is of no use: the record goes on without it. */
export type OnIgnored = (field: string) => void;

/** An optional number between two bounds, or the text of one; null when absent or, told to `onIgnored`, anything else. */
export function optionalNumber(
  value: unknown,
  field: string,
  { least = -Number.MAX_VALUE, most = Number.MAX_VALUE }: { readonly least?: number; readonly most?: number },
  onIgnored: OnIgnored,
): number | null {
  if (value === undefined || value === null) return null;
  const number = numberOf(value);
  if (number !== undefined && number >= least && number <= most) return number;
  // Many producers write an absent value as an empty text.
  if (typeof value !== 'string' || value.trim() !== '') onIgnored(field);
  return null;
}

/**
 * An optional text no longer than `maxLength` characters; '' when absent. A number or boolean is taken as its text;
 * anything else is left out, and told to `onIgnored`.
 */
export function optionalText(
  value: unknown,
  field: string,
  maxLength: number,
  onIgnored: OnIgnored,
  item = OF_THE_MESSAGE,
): string | Refusal {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    onIgnored(field);
    return '';
  }
  if (value.length > maxLength)
    return refuse('text-too-long', { field: named(field, item), length: value.length, limit: maxLength });
  return value;
}

/** Longest name or value of a map; the rest of a longer one is cut off, since it would cost memory in state. */
const MAX_MAP_TEXT_LENGTH = 1_024;

/** A map of text to text; values that are plain numbers or booleans are taken as text, others are left out. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NO_CONTEXT;
  for (const [name, entry] of Object.entries(value)) {
    if (typeof entry !== 'string' || entry.length > MAX_MAP_TEXT_LENGTH || name.length > MAX_MAP_TEXT_LENGTH)
      return onlyText(value);
  }
  return value as Record<string, string>;
}

const NO_CONTEXT: Readonly<Record<string, string>> = Object.freeze({});

function onlyText(map: object): Record<string, string> {
  const texts: [string, string][] = [];
  for (const [name, entry] of Object.entries(map)) {
    if (typeof entry === 'string' || typeof entry === 'number' || typeof entry === 'boolean')
      texts.push([cut(name), cut(String(entry))]);
  }
  return Object.fromEntries(texts);
}

// By way of bytes: a slice would keep the whole text alive.
function cut(text: string): string {
  return text.length <= MAX_MAP_TEXT_LENGTH ? text : Buffer.from(text.slice(0, MAX_MAP_TEXT_LENGTH)).toString();
}
