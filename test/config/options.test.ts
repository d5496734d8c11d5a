import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { editDistance, nearest } from '../../src/config/nearest.js';
import { environmentName, listOptions } from '../../src/config/options.js';
import { configSchema } from '../../src/config/schema.js';
import { typedText } from '../../src/config/typed-text.js';
import { valueAt } from '../../src/config/layers.js';

describe('the option table', () => {
  const options = listOptions();

  test('has one row a leaf: every default of the schema is in it', () => {
    const defaults = configSchema.parse({});
    for (const option of options) {
      if (option.path.startsWith('transport.sasl.')) continue;
      expect(option.default, option.path).toEqual(valueAt(defaults, option.path.split('.')));
    }
    expect(options.map((option) => option.path)).toContain('selection.budget');
  });

  test('names, paths and environment names are unique, and every option says what it trades', () => {
    expect(new Set(options.map((option) => option.path)).size).toBe(options.length);
    expect(new Set(options.map((option) => option.environmentName)).size).toBe(options.length);
    for (const option of options) expect(option.describe.length, option.path).toBeGreaterThan(4);
  });

  test('environment names are the path in upper snake case', () => {
    expect(environmentName(['join', 'attributionWindowMs'])).toBe('SLUICE_JOIN_ATTRIBUTION_WINDOW_MS');
    expect(environmentName(['retrain', 'boosting', 'l2'])).toBe('SLUICE_RETRAIN_BOOSTING_L2');
  });
});

describe('text as a value', () => {
  const expectation = 'x';

  test('every finite number survives the way through text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const typed = typedText({ kind: 'number', expectation }, String(value));
        expect(typed.ok && Object.is(Number(typed.value) + 0, value + 0)).toBe(true);
      }),
    );
  });

  test.each(['', 'x', '1x', '0x10', 'Infinity', 'NaN', '1,5', '--1'])('%j is no number', (text) => {
    expect(typedText({ kind: 'number', expectation }, text).ok).toBe(false);
  });

  test('booleans are words, and other words are none', () => {
    for (const text of ['true', 'Yes', 'ON', '1'])
      expect(typedText({ kind: 'boolean', expectation }, text)).toEqual({ ok: true, value: true });
    for (const text of ['false', 'no', 'off', '0'])
      expect(typedText({ kind: 'boolean', expectation }, text)).toEqual({ ok: true, value: false });
    expect(typedText({ kind: 'boolean', expectation }, 'maybe')).toEqual({ ok: false, expected: 'x' });
  });

  test('lists and maps split at commas; one bad part spoils the whole', () => {
    expect(typedText({ kind: 'numbers', expectation }, '1, 2')).toEqual({ ok: true, value: [1, 2] });
    expect(typedText({ kind: 'numbers', expectation }, '1, b').ok).toBe(false);
    expect(typedText({ kind: 'texts', expectation }, '')).toEqual({ ok: true, value: [] });
    expect(typedText({ kind: 'map-of-number', expectation }, 'USD=0.9,GBP=1.2')).toEqual({
      ok: true,
      value: { USD: 0.9, GBP: 1.2 },
    });
    expect(typedText({ kind: 'map-of-number', expectation }, 'USD=much').ok).toBe(false);
    expect(typedText({ kind: 'map-of-text', expectation }, 'a').ok).toBe(false);
  });
});

describe('the nearest word', () => {
  test('forgives a slip and refuses a stranger', () => {
    expect(nearest('selection.bugdet', ['selection.budget', 'selection.salt'])).toBe('selection.budget');
    expect(nearest('lnit', ['lint', 'run'])).toBe('lint');
    expect(nearest('quite-something-else', ['selection.budget'])).toBeUndefined();
  });

  test('the edit distance is symmetric, zero only for equal words, and bounded by the longer one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
        const distance = editDistance(left, right);
        expect(editDistance(right, left)).toBe(distance);
        expect(distance === 0).toBe(left === right);
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
      }),
    );
  });
});
