import { utf8Text } from '../events/utf8-text.js';
import { parseCell } from './cell.js';
import type { Expression } from './expression-schema.js';
import type { Language, Reader } from './language.js';
import { compileRegex } from './regex.js';
import type { Scope } from './scope.js';
import { readWritten, toNumber, toText } from './text.js';
import { compileTime } from './times.js';

/**
 * Compiles an expression. Order of work: source, default, JSON, split or findAll, then for each value: match, decode, map,
 * decimal, time, times, plus. What cannot be converted is missing; so is a template with a missing part.
 * @param ownKey key of a table where the expression gives none
 */
export function compileExpression(given: Expression, language: Language, ownKey?: Expression): Reader {
  const source = watched(given, compileSource(given, language, ownKey), language);
  const { default: fallback, json } = given;
  const { isMissing } = language;
  const cut = compileCut(given);
  const convert = compileConversion(given);
  return (scope) => {
    let value = source(scope);
    if (isMissing(value)) value = fallback;
    if (value === undefined) return undefined;
    if (json === true && typeof value === 'string') value = parseCell(value);
    if (typeof value === 'string') value = cut(value);
    if (Array.isArray(value)) return value.map((part: unknown) => (isMissing(part) ? undefined : convert(part)));
    return convert(value);
  };
}

/** The reader, which tells who watches that the log has something there. */
function watched(given: Expression, source: Reader, { watch, isMissing }: Language): Reader {
  const use = watch?.useOf(given);
  if (!use) return source;
  return (scope) => {
    const value = source(scope);
    if (!isMissing(value) && use.present++ === 0) use.first = value;
    return value;
  };
}

/** True when a value says its own unit of time, so that it is not guessed. */
export function saysTime(given: Expression): boolean {
  return given.time !== undefined || given.sum?.some(saysTime) === true || given.firstOf?.every(saysTime) === true;
}

function compileSource(given: Expression, language: Language, ownKey?: Expression): Reader {
  const { constant } = given;
  if (constant !== undefined) return () => constant;
  const mayLack = given.optional === true || given.default !== undefined;
  if (given.table !== undefined) return compileLookup(given, language, ownKey);
  if (given.template !== undefined) return compileTemplate(given.template, language, mayLack);
  if (given.firstOf !== undefined) {
    const readers = given.firstOf.map((one) => compileExpression({ ...one, optional: true }, language, ownKey));
    return (scope) => readers.map((read) => read(scope)).find((value) => !language.isMissing(value));
  }
  if (given.sum !== undefined) {
    const readers = given.sum.map((one) => compileExpression(one, language, ownKey));
    return (scope) => {
      const numbers = readers.map((read) => toNumber(partOf(read(scope), scope)));
      return numbers.includes(undefined) ? undefined : (numbers as number[]).reduce((sum, number) => sum + number, 0);
    };
  }
  return language.path(given.column!, mayLack);
}

/** An item's own part of a value that has a part for each. */
export function partOf(value: unknown, scope: Scope): unknown {
  return Array.isArray(value) ? (value as unknown[])[scope.index] : value;
}

function compileTemplate(template: string, language: Language, mayLack: boolean): Reader {
  // Odd parts are the names between braces.
  const parts = template.split(/\{([^{}]+)\}/);
  const readers = parts.map((part, at) => (at % 2 === 1 ? language.path(part, mayLack) : () => part));
  return (scope) => {
    let text = '';
    for (const [at, read] of readers.entries()) {
      const value = read(scope);
      if (at % 2 === 1 && language.isMissing(value)) return undefined;
      text += toText(value);
    }
    return text;
  };
}

function compileLookup(
  { table: name, key, column, optional }: Expression,
  language: Language,
  ownKey?: Expression,
): Reader {
  const table = language.table(name!);
  const given = key ?? ownKey;
  // Checked before: the table is there and has a key.
  if (!table || !given) return () => undefined;
  const readKey = compileExpression(given, language);
  const readColumn = table.column(column!);
  const use = optional === true ? undefined : language.watch?.lookup(name!, column!);
  const find = (value: unknown): unknown => {
    const id = toText(value);
    if (id === undefined) return undefined;
    const found = readColumn(id);
    if (!found.hasRow) language.unmatched.add(`no such key in ${name}`);
    if (use) {
      if (use.asked++ === 0) use.firstKey = id;
      if (found.hasRow) use.hits++;
      if (found.value !== undefined) use.found++;
    }
    return found.value;
  };
  return (scope) => find(partOf(readKey(scope), scope));
}

function compileCut({ split, findAll }: Expression): (text: string) => unknown {
  if (split !== undefined) return (text) => text.split(split);
  if (findAll === undefined) return (text) => text;
  const pattern = compileRegex(findAll, 'g');
  return (text) => [...text.matchAll(pattern)].map(takenBy);
}

/** What a match stands for: its first group that took part, else all of it. */
function takenBy(match: RegExpExecArray): string {
  return match.slice(1).find((group) => group !== undefined) ?? match[0];
}

function compileConversion(given: Expression): (value: unknown) => unknown {
  const steps: ((value: unknown) => unknown)[] = [];
  const { match, decode, map, otherwise, decimal, time, zone, times, plus } = given;
  if (match !== undefined) {
    const pattern = compileRegex(match);
    steps.push((value) => {
      const found = pattern.exec(toText(value) ?? '');
      return found ? takenBy(found) : undefined;
    });
  }
  if (decode !== undefined) steps.push((value) => decoded(toText(value) ?? '', decode));
  if (map !== undefined) {
    const table = new Map(Object.entries(map));
    steps.push((value) => table.get(toText(value) ?? '') ?? otherwise);
  }
  if (decimal !== undefined) steps.push((value) => readWritten(value, decimal));
  if (time !== undefined || zone !== undefined) steps.push(compileTime(time ?? 'auto', zone));
  if (times !== undefined || plus !== undefined) {
    steps.push((value) => {
      const number = toNumber(value);
      return number === undefined ? undefined : number * (times ?? 1) + (plus ?? 0);
    });
  }
  return (value) => {
    let result = value;
    for (const step of steps) {
      if (result === undefined) return undefined;
      result = step(result);
    }
    return result;
  };
}

/** Missing where the text is not so encoded. */
function decoded(text: string, encoding: 'url' | 'base64'): string | undefined {
  if (encoding === 'base64') return utf8Text(Buffer.from(text, 'base64'));
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
