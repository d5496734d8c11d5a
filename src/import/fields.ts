import { INTERACTION_TYPES, SURFACES } from '../events/words.js';
import type { Expression } from './expression-schema.js';
import { compileExpression, partOf, saysTime } from './expression.js';
import type { Language, Reader } from './language.js';
import { parseCell } from './cell.js';
import type { Scope } from './scope.js';
import { toNumber, toText } from './text.js';
import { parseTimeMs } from './times.js';
import type { ValueUse } from './watch.js';

/** Kinds of field a record has; an id is a text that names one thing, a surface or type one of a few words. */
export type FieldKind = 'id' | 'text' | 'number' | 'time' | 'surface' | 'type';

/** The words of those kinds. */
export const WORDS: Readonly<Record<string, readonly string[]>> = { surface: SURFACES, type: INTERACTION_TYPES };

/** A record in the making: fields that were found, already of their type. */
export type Draft = Record<string, unknown>;

/** Told what of a record cannot be used. */
export interface Notes {
  /** A value was there but is not of its field's type: the field is left out. */
  ignored(field: string): void;
  /** A whole array or object stands where one id belongs. @returns what the field becomes */
  whole(field: string, value: unknown): unknown;
  /** A text stands where one of a few words belongs. @returns what the field becomes */
  otherWord(field: string, value: string): unknown;
}

/** Notes that nobody reads: a whole array, or another word, stays in its field. */
export const NO_NOTES: Notes = {
  ignored: () => undefined,
  whole: (_, value) => value,
  otherWord: (_, value) => value,
};

/** Reads one field of a record. */
export interface FieldReader {
  readonly name: string;
  readonly read: (scope: Scope, notes: Notes) => unknown;
}

/** How fields stand in a row. */
export interface FieldPlace {
  /** A value may have a part for each item. */
  readonly isParallel: boolean;
  /** Key of a table where a value gives none. */
  readonly ownKey?: Expression | undefined;
}

/** Compiles the fields that the mapping gives, in the order of `kinds`. */
export function compileFields(
  kinds: Readonly<Record<string, FieldKind>>,
  given: Readonly<Record<string, unknown>>,
  language: Language,
  place: FieldPlace,
): readonly FieldReader[] {
  return Object.entries(kinds).flatMap(([name, kind]) => {
    const expression = given[name] as Expression | undefined;
    if (expression === undefined) return [];
    const use = language.watch?.value(expression);
    const value = compileExpression(expression, language, place.ownKey);
    const isParallel = place.isParallel || /^(?:\/|\.\.\/)/.test(expression.column ?? '');
    const convert = compileKind(kind, name, expression);
    const read = (scope: Scope, notes: Notes): unknown => convert(pick(value, scope, isParallel), notes);
    return [{ name, read: use ? counted(use, read) : read }];
  });
}

/** The reader, which counts how often it is asked and gives something. */
export function counted<In extends readonly unknown[], Out>(
  use: ValueUse,
  read: (...given: In) => Out,
): (...given: In) => Out {
  return (...given) => {
    use.asked++;
    const found = read(...given);
    if (found !== undefined) use.given++;
    return found;
  };
}

/** Parallel arrays: the item's own part of a column that was split. An array of one is that one. */
function pick(value: Reader, scope: Scope, isParallel: boolean): unknown {
  const found = value(scope);
  if (!Array.isArray(found)) return found;
  if (isParallel) return partOf(found, scope);
  return found.length > 1 ? found : found[0];
}

function compileKind(kind: FieldKind, name: string, expression: Expression): (found: unknown, notes: Notes) => unknown {
  const isMs = kind === 'time' && saysTime(expression);
  const words = WORDS[kind];
  return (found, notes) => {
    if (found === undefined || found === null) return undefined;
    if (kind === 'id' && isWhole(found)) return notes.whole(name, found);
    if (typeof found === 'string' && words?.includes(found) === false) return notes.otherWord(name, found);
    const result = Array.isArray(found)
      ? undefined
      : kind === 'number'
        ? toNumber(found)
        : kind === 'time'
          ? parseTimeMs(found, isMs ? 'ms' : 'auto')
          : toText(found);
    if (result === undefined) notes.ignored(name);
    return result;
  };
}

function isWhole(value: unknown): boolean {
  if (typeof value === 'object') return true;
  return typeof value === 'string' && /^\s*\[.*\]\s*$/s.test(value) && typeof parseCell(value) === 'object';
}

/** Fills a draft with the fields that are there. */
export function fill(draft: Draft, fields: readonly FieldReader[], scope: Scope, notes: Notes): Draft {
  for (const { name, read } of fields) {
    const value = read(scope, notes);
    if (value !== undefined) draft[name] = value;
  }
  return draft;
}

/** Compiles a map of texts: named expressions and every column whose name fits a pattern (`*` stands for anything). */
export function compileTextMap(
  named: Readonly<Record<string, Expression>>,
  patterns: readonly string[],
  language: Language,
  { isParallel, ownKey }: FieldPlace,
): (scope: Scope) => Record<string, string> | undefined {
  const fields = Object.entries(named).map(([name, expression]) => {
    const use = language.watch?.value(expression);
    const value = compileExpression(expression, language, ownKey);
    const read = (scope: Scope): string | undefined => toText(pick(value, scope, isParallel));
    return { name, read: use ? counted(use, read) : read };
  });
  const tests = patterns.map((pattern) => ({ fit: compilePattern(pattern), use: language.watch?.pattern(pattern) }));
  // The columns of a log are the same row after row: asked once a name.
  const fits = new Map<string, boolean>();
  return (scope) => {
    const found: [string, string][] = [];
    for (const { name, read } of fields) {
      const value = read(scope);
      if (value !== undefined) found.push([name, value]);
    }
    if (tests.length > 0 && scope.element !== null && typeof scope.element === 'object') {
      for (const { use } of tests) if (use) use.asked = true;
      for (const [name, value] of Object.entries(scope.element)) {
        let isFit = fits.get(name);
        if (isFit === undefined) {
          isFit = false;
          for (const { fit, use } of tests) {
            if (!fit.test(name)) continue;
            isFit = true;
            if (use) use.fitted = true;
          }
          if (fits.size < 10_000) fits.set(name, isFit);
        }
        if (isFit && !language.isMissing(value) && !Object.hasOwn(named, name)) found.push([name, toText(value)!]);
      }
    }
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  };
}

/** A pattern of column names, in which `*` stands for anything. */
function compilePattern(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
