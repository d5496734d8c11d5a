import { compileExpression, toNumber, toText, type IsMissing, type Reader } from './expression.js';
import type { Expression } from './mapping-schema.js';
import type { Scope } from './scope.js';
import { parseTimeMs } from './times.js';

/** Kinds of field a record has. */
export type FieldKind = 'text' | 'number' | 'time';

/** A record in the making: fields that were found, already of their type. */
export type Draft = Record<string, unknown>;

/** Told when a value was there but is not of its field's type; the field is then left out. */
export type OnIgnored = (field: string) => void;

/** Reads one field of a record. */
export interface FieldReader {
  readonly name: string;
  readonly read: (scope: Scope, onIgnored: OnIgnored) => unknown;
}

/** Compiles the fields that the mapping gives, in the order of `kinds`. */
export function compileFields(
  kinds: Readonly<Record<string, FieldKind>>,
  given: Readonly<Record<string, unknown>>,
  isMissing: IsMissing,
): readonly FieldReader[] {
  return Object.entries(kinds).flatMap(([name, kind]) => {
    const expression = given[name] as Expression | undefined;
    if (expression === undefined) return [];
    const value = compileExpression(expression, isMissing);
    return [{ name, read: (scope: Scope, onIgnored: OnIgnored) => typed(value, kind, name, scope, onIgnored) }];
  });
}

function typed(value: Reader, kind: FieldKind, name: string, scope: Scope, onIgnored: OnIgnored): unknown {
  let found = value(scope);
  // Parallel arrays: the item's own part of a column that was split.
  if (Array.isArray(found)) found = (found as unknown[])[scope.index];
  if (found === undefined || found === null) return undefined;
  const result = kind === 'text' ? toText(found) : kind === 'number' ? toNumber(found) : parseTimeMs(found, 'auto');
  if (result === undefined) onIgnored(name);
  return result;
}

/** Fills a draft with the fields that are there. */
export function fill(draft: Draft, fields: readonly FieldReader[], scope: Scope, onIgnored: OnIgnored): Draft {
  for (const { name, read } of fields) {
    const value = read(scope, onIgnored);
    if (value !== undefined) draft[name] = value;
  }
  return draft;
}

/** Compiles a map of texts: named expressions and every column whose name fits a pattern (`*` stands for anything). */
export function compileTextMap(
  named: Readonly<Record<string, Expression>>,
  patterns: readonly string[],
  isMissing: IsMissing,
): (scope: Scope) => Record<string, string> | undefined {
  const kinds = Object.fromEntries(Object.keys(named).map((name) => [name, 'text' as const]));
  const fields = compileFields(kinds, named, isMissing);
  const tests = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .split('*')
          .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
          .join('.*')}$`,
        's',
      ),
  );
  // The columns of a log are the same row after row: asked once a name.
  const fits = new Map<string, boolean>();
  return (scope) => {
    const found: [string, string][] = [];
    for (const { name, read } of fields) {
      const value = read(scope, () => undefined);
      if (value !== undefined) found.push([name, value as string]);
    }
    if (tests.length > 0 && scope.element !== null && typeof scope.element === 'object') {
      for (const [name, value] of Object.entries(scope.element)) {
        let isFit = fits.get(name);
        if (isFit === undefined) {
          isFit = tests.some((test) => test.test(name));
          if (fits.size < 10_000) fits.set(name, isFit);
        }
        if (isFit && !isMissing(value) && !Object.hasOwn(named, name)) found.push([name, toText(value)!]);
      }
    }
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  };
}
