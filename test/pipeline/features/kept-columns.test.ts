import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OMITTED_COLUMNS } from '../../../src/config/omitted-columns.js';
import { COLUMNS } from '../../../src/pipeline/features/columns.js';
import { keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import { Story } from '../story.js';
import { stream, tell, vectorOf } from './streams.js';

const INPUT: ConfigInput = {
  features: { shortHalfLifeMs: 60_000, longHalfLifeMs: 600_000, smoothing: 5 },
  join: { attributionWindowMs: 300_000, lateRetentionMs: 300_000, allowedLatenessMs: 1_000 },
};
const NAMES = COLUMNS.map(({ name }) => name as string);

describe('columns that are left out', () => {
  it('by default exist, each once, and leave the column that scores before the first snapshot', () => {
    expect(new Set(OMITTED_COLUMNS).size).toBe(OMITTED_COLUMNS.length);
    for (const name of OMITTED_COLUMNS) expect(NAMES).toContain(name);
    expect(keptColumns({ omit: OMITTED_COLUMNS, declared: [] }).map(({ name }) => name)).toContain('neighbourRate');
  });

  it('leave the others in their order', () => {
    fc.assert(
      fc.property(fc.subarray(NAMES, { maxLength: NAMES.length - 1 }), (omitted) => {
        const columns = keptColumns({ omit: omitted, declared: [] });
        expect(columns.map(({ name }) => name)).toEqual(NAMES.filter((name) => !omitted.includes(name)));
      }),
    );
  });

  it('change no value of the others, whichever they are', () => {
    fc.assert(
      fc.property(stream, fc.subarray(NAMES, { maxLength: NAMES.length - 1 }), (events, omit) => {
        const full = new Story({ ...INPUT, features: { ...INPUT.features, omit: [] } }, vectorOf);
        const lean = new Story({ ...INPUT, features: { ...INPUT.features, omit } }, vectorOf);
        tell(full, events);
        tell(lean, events);
        const kept = NAMES.flatMap((name, index) => (omit.includes(name) ? [] : [index]));
        const row = new Float32Array(kept.length);
        for (let i = 0; i < full.state.join.open.end; i++) {
          lean.state.join.open.rows.gather(i, 1, row);
          const whole = full.row(i);
          expect(row).toEqual(Float32Array.from(kept, (index) => whole[index]!));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('cost nothing: neither tables nor numbers are kept for them', () => {
    const stateOf = (omit: readonly string[]): Record<string, readonly string[]> =>
      Object.fromEntries(
        Object.entries(new Story({ features: { omit: [...omit] } }).state.features.tables()).map(
          ([name, { names }]) => [name, names],
        ),
      );
    const only = (...names: readonly string[]): Record<string, readonly string[]> =>
      stateOf(NAMES.filter((name) => !names.includes(name)));
    expect(only('position', 'hourSin', 'deviceMobile', 'priceRank', 'categoryHash')).toEqual({});
    expect(only('queryShown')).toEqual({ query: ['touchedMs', 'shown~86400000'] });
    expect(only('itemWindowShown')).toEqual({
      item: ['touchedMs', 'window shown~3600000 start', 'window shown~3600000', 'window shown~3600000 previous'],
    });
    expect(Object.keys(only('sessionItemShown'))).toEqual(['sessionItem']);
    const numbers = Object.values(stateOf(OMITTED_COLUMNS)).flat();
    expect(numbers.filter((name) => name.includes('3600000'))).toEqual([]);
  });

  it('are refused where no column has the name, or when none is left', () => {
    expect(() => keptColumns({ omit: ['position', 'positon'], declared: [] })).toThrow(/positon/);
    expect(() => keptColumns({ omit: NAMES, declared: [] })).toThrow(/no column/);
  });
});
