import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OMITTED_COLUMNS } from '../../../src/config/omitted-columns.js';
import { COLUMNS } from '../../../src/pipeline/features/columns.js';
import { keptColumns, narrowRows } from '../../../src/pipeline/features/kept-columns.js';
import { cleanList, T0 } from '../kit.js';
import { Story } from '../story.js';

const NAMES = COLUMNS.map(({ name }) => name as string);

describe('columns that are left out', () => {
  it('by default exist, each once, and leave the column that scores before the first snapshot', () => {
    expect(new Set(OMITTED_COLUMNS).size).toBe(OMITTED_COLUMNS.length);
    for (const name of OMITTED_COLUMNS) expect(NAMES).toContain(name);
    expect(keptColumns(OMITTED_COLUMNS).columns.map(({ name }) => name)).toContain('neighbourRate');
  });

  it('leave the others as they are, in their order', () => {
    fc.assert(
      fc.property(
        fc.subarray(NAMES, { maxLength: NAMES.length - 1 }),
        fc.integer({ min: 0, max: 4 }),
        (omitted, count) => {
          const { indexes, columns } = keptColumns(omitted);
          expect(columns.map(({ name }) => name)).toEqual(NAMES.filter((name) => !omitted.includes(name)));
          const rows = Float32Array.from({ length: count * NAMES.length }, (_, i) => i);
          const full = rows.slice();
          narrowRows(rows, count, indexes);
          for (let row = 0; row < count; row++)
            indexes.forEach((from, to) =>
              expect(rows[row * indexes.length + to]).toBe(full[row * NAMES.length + from]),
            );
        },
      ),
    );
  });

  it('change no value of the others', () => {
    const list = cleanList('r', T0, ['a', 'b', 'c'], { query: 'shoe' });
    const full = new Story({ features: { omit: [] } });
    full.show(list);
    const lean = new Story({ features: { omit: [...OMITTED_COLUMNS] } });
    lean.show(list);
    const { indexes } = keptColumns(OMITTED_COLUMNS);
    const row = new Float32Array(indexes.length);
    for (let i = 0; i < 3; i++) {
      lean.state.join.open.rows.gather(i, 1, row);
      expect([...row]).toEqual([...indexes].map((index) => full.row(i)[index]));
    }
  });

  it('are refused where no column has the name, or when none is left', () => {
    expect(() => keptColumns(['position', 'positon'])).toThrow(/positon/);
    expect(() => keptColumns(NAMES)).toThrow(/no column/);
  });
});
