import type { Option, OptionKind } from './options.js';

/** What a text given on the command line or in the environment means for an option; `expected` when it means nothing. */
export type TypedText =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly expected: string };

const NUMBER = /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TRUE = new Set(['true', 'yes', 'on', '1']);
const FALSE = new Set(['false', 'no', 'off', '0']);

/**
 * Reads text as the option's type: numbers (`20_000` and `1e-3` too), booleans (true/false, yes/no, on/off, 1/0), lists by
 * comma, lists of objects as JSON, maps as `key=value` by comma. Ranges are checked later, with everything else.
 */
export function typedText(option: Pick<Option, 'kind' | 'expectation'>, text: string): TypedText {
  const value = read(option.kind, text);
  return value === undefined ? { ok: false, expected: option.expectation } : { ok: true, value };
}

function read(kind: OptionKind, text: string): unknown {
  switch (kind) {
    case 'number':
      return number(text);
    case 'boolean':
      return boolean(text);
    case 'text':
      return text;
    case 'texts':
      return list(text);
    case 'numbers':
      return allOrNothing(list(text).map(number));
    case 'objects':
      return jsonList(text);
    case 'map-of-text':
      return map(text, (part) => part);
    case 'map-of-number':
      return map(text, number);
  }
}

function number(text: string): number | undefined {
  return NUMBER.test(text.trim()) ? Number(text.trim().replaceAll('_', '')) : undefined;
}

function boolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : undefined;
}

function list(text: string): string[] {
  return text.trim() === '' ? [] : text.split(',').map((part) => part.trim());
}

function jsonList(text: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function map(text: string, readValue: (part: string) => unknown): Record<string, unknown> | undefined {
  const entries = list(text).map((pair) => {
    const at = pair.indexOf('=');
    const value = at > 0 ? readValue(pair.slice(at + 1).trim()) : undefined;
    return value === undefined ? undefined : ([pair.slice(0, at).trim(), value] as const);
  });
  const whole = allOrNothing(entries);
  return whole && Object.fromEntries(whole);
}

function allOrNothing<T>(values: readonly (T | undefined)[]): T[] | undefined {
  return values.some((value) => value === undefined) ? undefined : (values as T[]);
}
