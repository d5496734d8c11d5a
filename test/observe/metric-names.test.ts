import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEAD_LETTER_CODES } from '../../src/observe/input-metrics.js';
import type { MetricEntry } from '../../src/observe/metric-entry.js';
import { metricEntry, METRICS } from '../../src/observe/metric-names.js';

const ENTRIES = Object.entries<MetricEntry>(METRICS);
const SOURCES = join(import.meta.dirname, '../../src');

describe('the metric table', () => {
  test('names start with sluice_, are snake case, and only counters end in _total', () => {
    for (const [name, entry] of ENTRIES) {
      expect(name).toMatch(/^sluice_[a-z]+(_[a-z0-9]+)*$/);
      expect(name.endsWith('_total'), name).toBe(entry.type === 'counter');
    }
  });

  test('histograms have rising buckets, and nothing else has any', () => {
    for (const [name, entry] of ENTRIES) {
      expect(entry.buckets !== undefined, name).toBe(entry.type === 'histogram');
      const buckets = entry.buckets ?? [];
      expect(
        [...buckets].sort((left, right) => left - right),
        name,
      ).toEqual(buckets);
    }
  });

  test('a name that only looks declared is not', () => {
    expect(metricEntry('sluice_samples_total')?.type).toBe('counter');
    expect(metricEntry('toString')).toBeUndefined();
  });

  test('every metric that the code records is declared', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const used = files.flatMap((file) => {
      const text = readFileSync(join(SOURCES, file), 'utf8');
      return [...text.matchAll(/['"`](sluice_[a-z0-9_]+)['"`]/g)].map((match) => `${match[1]} in ${file}`);
    });
    const isDeclared = (name: string): boolean =>
      metricEntry(name) !== undefined || metricEntry(name.replace(/_(sum|count)$/, ''))?.type === 'histogram';
    expect(used.filter((use) => !isDeclared(use.split(' ')[0]!))).toEqual([]);
  });

  test('labels are given as the table declares them, where the code spells them out', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const wrong = files.flatMap((file) => {
      const text = readFileSync(join(SOURCES, file), 'utf8');
      return [...text.matchAll(/\.(?:count|gauge|observe)\(\s*'(sluice_\w+)',([^;]*?)\);/g)].flatMap(
        ([, name, rest]) => {
          const literal = /\{([^{}]*)\}\s*,?\s*$/.exec(rest!);
          const given = (literal?.[1] ?? '').split(',').flatMap((part) => /^\s*(\w+)/.exec(part)?.[1] ?? []);
          const declared = Object.keys(metricEntry(name!)?.labels ?? {});
          const isSpelledOut = literal !== null || !/,\s*[\w.]+\s*$/.test(rest!);
          return isSpelledOut && given.sort().join() !== declared.sort().join()
            ? [`${name} {${given.join()}} in ${file}`]
            : [];
        },
      );
    });
    expect(wrong).toEqual([]);
  });
});

describe('dead letters by code and stage', () => {
  const STAGES = join(SOURCES, 'pipeline');

  test.each(Object.keys(DEAD_LETTER_CODES).filter((stage) => existsSync(join(STAGES, stage))))(
    'every code that the stage %s refuses with is counted from 0',
    (stage) => {
      const folder = join(STAGES, stage);
      const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(join(folder, file), 'utf8'));
      const refused = texts.flatMap((text) => [...text.matchAll(/refuse\(\s*'([a-z-]+)'/g)].map(([, code]) => code!));
      const declared: readonly string[] = DEAD_LETTER_CODES[stage as keyof typeof DEAD_LETTER_CODES];
      expect(refused.filter((code) => !declared.includes(code))).toEqual([]);
    },
  );

  test('every stage that makes dead letters is declared', () => {
    const admit = readFileSync(join(STAGES, 'admit.ts'), 'utf8');
    const made = [
      ...admit.matchAll(/(?:deadLetter|rejected)\(\s*gate,\s*[^,]+,\s*record,\s*'(\w+)'/g),
      ...admit.matchAll(/guarded\(\s*gate,\s*[^,]+,\s*[^,]+,\s*'(\w+)'/g),
    ].map(([, stage]) => stage!);
    expect(made).toEqual(expect.arrayContaining(['order', 'map']));
    expect(made.filter((stage) => !Object.hasOwn(DEAD_LETTER_CODES, stage))).toEqual([]);
  });
});
