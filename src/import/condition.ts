import { compileExpression, partOf } from './expression.js';
import type { Condition, Expression } from './expression-schema.js';
import type { Language } from './language.js';
import { compileRegex } from './regex.js';
import type { Scope } from './scope.js';
import { toNumber, toText } from './text.js';

type Test = (scope: Scope) => boolean;

/** Compiles conditions that must all hold; none hold always. */
export function compileCondition(
  given: readonly Condition[] | undefined,
  language: Language,
  ownKey?: Expression,
): Test {
  const tests = (given ?? []).map((one) => compileOne(one, language, ownKey));
  return (scope) => tests.every((test) => test(scope));
}

function compileOne(given: Condition, language: Language, ownKey?: Expression): Test {
  const { any, not, among } = given;
  const { watch } = language;
  const tests: Test[] = [];
  const onValue = compileTests(given, language);
  const list = among && compileExpression({ ...among, json: true }, language);
  if (onValue.length > 0 || list) {
    const read = compileExpression(
      given.present === undefined ? given : { ...given, optional: true },
      language,
      ownKey,
    );
    tests.push((scope) => {
      const whole = read(scope);
      if (Array.isArray(whole)) language.noteParts(given, whole.length, scope);
      const value = partOf(whole, scope);
      const holds = onValue.every((test) => test(value)) && (list === undefined || isAmong(value, list(scope)));
      if (!holds) watch?.refused(given, value);
      return holds;
    });
  }
  if (any) {
    const alternatives = any.map((one) => compileOne(one, language, ownKey));
    tests.push((scope) => alternatives.some((test) => test(scope)));
  }
  if (not) {
    const other = compileOne(not, language, ownKey);
    tests.push((scope) => !other(scope));
  }
  return (scope) => tests.every((test) => test(scope));
}

function isAmong(value: unknown, list: unknown): boolean {
  const text = toText(value);
  if (text === undefined || list === undefined) return false;
  return (Array.isArray(list) ? list : [list]).some((one) => toText(one) === text);
}

function compileTests(given: Condition, { isMissing }: Language): ((value: unknown) => boolean)[] {
  const tests: ((value: unknown) => boolean)[] = [];
  const { present, above, below, matches } = given;
  if (present !== undefined) tests.push((value) => isMissing(value) !== present);
  if (given.in !== undefined || given.equals !== undefined) {
    const wanted = new Set([...(given.in ?? []), ...(given.equals === undefined ? [] : [given.equals])].map(String));
    tests.push((value) => wanted.has(toText(value) ?? ''));
  }
  if (above !== undefined) tests.push((value) => (toNumber(value) ?? -Infinity) > above);
  if (below !== undefined) tests.push((value) => (toNumber(value) ?? Infinity) < below);
  if (matches !== undefined) {
    const pattern = compileRegex(matches);
    tests.push((value) => value !== undefined && value !== null && pattern.test(toText(value)!));
  }
  return tests;
}
