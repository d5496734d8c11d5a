import { SluiceError } from '../errors.js';
import { parseExactJson } from '../events/exact-json.js';
import type { Condition, Expression } from './mapping-schema.js';
import { compilePath, type Scope } from './scope.js';
import { parseTimeMs } from './times.js';

/** Reads a value out of a scope; undefined is "missing". An array where the column was split or is one. */
export type Reader = (scope: Scope) => unknown;

/** Tells whether a value stands for "no value". */
export type IsMissing = (value: unknown) => boolean;

/** null, undefined and the listed texts (`source.missing`) are missing. */
export function missingTest(texts: readonly string[]): IsMissing {
  const missing = new Set<unknown>([...texts, null, undefined]);
  return (value) => missing.has(value);
}

/**
 * Compiles an expression. Order of work: source, default, JSON, split, then for each value: map, time, times, plus. What cannot
 * be converted is missing; so is a template with a missing part.
 */
export function compileExpression(given: Expression, isMissing: IsMissing): Reader {
  const source = compileSource(given, isMissing);
  const { split, json, default: fallback } = given;
  const convert = compileConversion(given);
  return (scope) => {
    let value = source(scope);
    if (isMissing(value)) value = fallback;
    if (value === undefined) return undefined;
    if (json === true && typeof value === 'string') value = fromJson(value);
    if (split !== undefined && typeof value === 'string') value = value.split(split);
    if (Array.isArray(value)) return value.map((part: unknown) => (isMissing(part) ? undefined : convert(part)));
    return convert(value);
  };
}

/** What JSON in a cell holds, when it is an array or object; any other text is itself. */
function fromJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}

function compileSource(given: Expression, isMissing: IsMissing): Reader {
  const { constant } = given;
  if (constant !== undefined) return () => constant;
  if (given.template !== undefined) return compileTemplate(given.template, isMissing);
  if (given.firstOf !== undefined) {
    const readers = given.firstOf.map((text) =>
      text.includes('{') ? compileTemplate(text, isMissing) : compilePath(text),
    );
    return (scope) => {
      for (const read of readers) {
        const value = read(scope);
        if (!isMissing(value)) return value;
      }
      return undefined;
    };
  }
  return compilePath(given.column!);
}

function compileTemplate(template: string, isMissing: IsMissing): Reader {
  // Odd parts are the names between braces.
  const parts = template.split(/\{([^{}]+)\}/);
  const readers = parts.map((part, at) => (at % 2 === 1 ? compilePath(part) : () => part));
  return (scope) => {
    let text = '';
    for (const [at, read] of readers.entries()) {
      const value = read(scope);
      if (at % 2 === 1 && isMissing(value)) return undefined;
      text += toText(value);
    }
    return text;
  };
}

function compileConversion({ map, otherwise, time, times, plus }: Expression): (value: unknown) => unknown {
  const table = map === undefined ? undefined : new Map(Object.entries(map));
  return (value) => {
    let result = value;
    if (table) result = table.get(toText(value) ?? '') ?? otherwise;
    if (time !== undefined) result = parseTimeMs(result, time);
    if (times === undefined && plus === undefined) return result;
    const number = toNumber(result);
    return number === undefined ? undefined : number * (times ?? 1) + (plus ?? 0);
  };
}

/** Compiles conditions that must all hold; none hold always. */
export function compileCondition(
  given: readonly Condition[] | undefined,
  isMissing: IsMissing,
): (scope: Scope) => boolean {
  const tests = (given ?? []).map((one) => compileOne(one, isMissing));
  return (scope) => tests.every((test) => test(scope));
}

function compileOne(given: Condition, isMissing: IsMissing): (scope: Scope) => boolean {
  const tests: ((scope: Scope) => boolean)[] = [];
  if (given.column !== undefined) {
    const read = compilePath(given.column);
    const wanted = new Set([...(given.in ?? []), ...(given.equals === undefined ? [] : [given.equals])].map(String));
    const { present, above, below, split } = given;
    tests.push((scope) => {
      const whole = read(scope);
      const parts: unknown = split !== undefined && typeof whole === 'string' ? whole.split(split) : whole;
      const value: unknown = Array.isArray(parts) ? parts[scope.index] : parts;
      const number = toNumber(value);
      if (present !== undefined && isMissing(value) === present) return false;
      if (wanted.size > 0 && !wanted.has(toText(value) ?? '')) return false;
      if (above !== undefined && !(number !== undefined && number > above)) return false;
      return below === undefined || (number !== undefined && number < below);
    });
  }
  if (given.any) {
    const any = given.any.map((one) => compileOne(one, isMissing));
    tests.push((scope) => any.some((test) => test(scope)));
  }
  if (given.not) {
    const not = compileOne(given.not, isMissing);
    tests.push((scope) => !not(scope));
  }
  return (scope) => tests.every((test) => test(scope));
}

/** Levels of arrays and objects that are printed as JSON. */
const MOST_LEVELS = 64;

/** A value as text; objects as JSON. Throws `nested-too-deep`, which a stack that overflows would say at a depth of its own. */
export function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value as number | boolean | bigint);
  if (!isWithin(value, MOST_LEVELS)) throw new SluiceError('nested-too-deep', { limit: MOST_LEVELS });
  return JSON.stringify(value);
}

/** True when arrays and objects are nested in it no deeper than so many levels. */
function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isWithin(each, levels - 1));
}

/** A value as a finite number; texts are trimmed, true is 1 and false 0. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
