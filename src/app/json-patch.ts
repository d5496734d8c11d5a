import { isDeepStrictEqual } from 'node:util';
import { SluiceError } from '../errors.js';

/** One operation of a JSON patch (RFC 6902). Paths are JSON pointers (RFC 6901). */
export type JsonOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

export type JsonPatch = readonly JsonOperation[];

/** A leaf that a patch changed; undefined: it is not there. */
export interface JsonChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Reads a patch. @throws patch-invalid */
export function parsePatch(text: string): JsonPatch {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    throw new SluiceError('patch-invalid', { why: 'it is no JSON' }, { cause: thrown });
  }
  if (!Array.isArray(parsed)) throw new SluiceError('patch-invalid', { why: 'it is no list' });
  parsed.forEach((operation, index) => {
    const why = faultOf(operation);
    if (why !== undefined) throw new SluiceError('patch-invalid', { why: `operation ${index}: ${why}` });
  });
  return parsed as JsonPatch;
}

function faultOf(operation: unknown): string | undefined {
  if (typeof operation !== 'object' || operation === null) return 'it is no object';
  const { op, path, from } = operation as Record<string, unknown>;
  if (!['add', 'replace', 'test', 'remove', 'move', 'copy'].includes(String(op)))
    return `op ${JSON.stringify(op)} is none`;
  if (!isPointer(path)) return 'path is no JSON pointer like /items/0/price';
  if ((op === 'move' || op === 'copy') && !isPointer(from)) return 'from is no JSON pointer';
  if (['add', 'replace', 'test'].includes(String(op)) && !Object.hasOwn(operation, 'value')) return 'value is missing';
  return undefined;
}

function isPointer(path: unknown): path is string {
  return typeof path === 'string' && (path === '' || path.startsWith('/'));
}

/** Applies a patch to a copy. @throws Error that says which operation does not fit */
export function applyPatch(document: unknown, patch: JsonPatch): unknown {
  return patch.reduce((at, operation, index) => {
    try {
      return applied(at, operation);
    } catch (thrown) {
      throw new Error(`operation ${index} (${operation.op} ${operation.path}): ${(thrown as Error).message}`, {
        cause: thrown,
      });
    }
  }, structuredClone(document));
}

function applied(document: unknown, operation: JsonOperation): unknown {
  const path = stepsOf(operation.path);
  switch (operation.op) {
    case 'test':
      if (!isDeepStrictEqual(valueAt(document, path), operation.value)) throw new Error('it has another value');
      return document;
    case 'add':
      return put(document, path, operation.value, true);
    case 'replace':
      valueAt(document, path);
      return put(document, path, operation.value, false);
    case 'remove':
      return removed(document, path);
    case 'copy':
      return put(document, path, structuredClone(valueAt(document, stepsOf(operation.from))), true);
    case 'move': {
      const value = valueAt(document, stepsOf(operation.from));
      return put(removed(document, stepsOf(operation.from)), path, value, true);
    }
  }
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at[indexIn(at, step, at.length - 1)];
    if (typeof at === 'object' && at !== null && Object.hasOwn(at, step)) return (at as Record<string, unknown>)[step];
    throw new Error(`there is no ${step}`);
  }, document);
}

function put(document: unknown, path: readonly string[], value: unknown, isNew: boolean): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = valueAt(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    if (isNew) parent.splice(last === '-' ? parent.length : indexIn(parent, last, parent.length), 0, value);
    else parent[indexIn(parent, last, parent.length - 1)] = value;
  } else if (typeof parent === 'object' && parent !== null) {
    // A key called __proto__ is a key like others.
    Object.defineProperty(parent, last, { value, writable: true, enumerable: true, configurable: true });
  } else throw new Error('its parent holds nothing');
  return document;
}

function removed(document: unknown, path: readonly string[]): unknown {
  valueAt(document, path);
  const last = path.at(-1);
  if (last === undefined) return null;
  const parent = valueAt(document, path.slice(0, -1)) as Record<string, unknown> | unknown[];
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return document;
}

function indexIn(list: readonly unknown[], step: string, most: number): number {
  const index = Number(step);
  if (!/^(0|[1-9]\d*)$/.test(step) || index > most)
    throw new Error(`there is no place ${step} in a list of ${list.length}`);
  return index;
}

/** The leaves that differ between two documents, in the order of the first one, then of the second. */
export function changesBetween(before: unknown, after: unknown): readonly JsonChange[] {
  const [old, now] = [leavesOf(before, ''), leavesOf(after, '')];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((change) => !isDeepStrictEqual(change.before, change.after));
}

function leavesOf(value: unknown, path: string): Map<string, unknown> {
  const isEmpty = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isEmpty) return new Map([[path === '' ? '/' : path, value]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...leavesOf(inner, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    ]),
  );
}
