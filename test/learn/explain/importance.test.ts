import { describe, expect, test } from 'vitest';
import { columnImportances, ENOUGH_TO_STAY } from '../../../src/learn/explain/importance.js';
import { sigmoid } from '../../../src/learn/learners/intercept.js';
import { seededRandom } from '../../../src/learn/learners/random.js';

const NAMES = ['strong', 'weak', 'idle', 'said', 'saidAgain', 'saidOnceMore'];

/** The middle of three columns that say the same does not change when one of them is shuffled. */
function logOdds([strong, weak, , a, b, c]: readonly number[]): number {
  return -2 + 1.5 * strong! + 0.4 * weak! + [a!, b!, c!].sort((x, y) => x - y)[1]!;
}

function rowsOf(rowCount: number, seed = 1) {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const each = Array.from({ length: rowCount }, () => {
    const same = normal();
    return [normal(), normal(), normal(), same, same, same];
  });
  const zeros = () => new Float32Array(rowCount);
  return {
    rows: Float32Array.from(each.flat()),
    rowCount,
    columnCount: NAMES.length,
    labels: Uint8Array.from(each, (row) => (random() < sigmoid(logOdds(row)) ? 1 : 0)),
    surfaces: new Uint8Array(rowCount),
    weights: zeros().fill(1),
    offsets: zeros(),
  };
}

const model = {
  ...{ snapshotVersion: 'v', featureSetId: 'f', memberCount: 1, close: () => Promise.resolve() },
  predict(rows: Float32Array, rowCount: number) {
    const probability = Float32Array.from({ length: rowCount }, (_, i) =>
      sigmoid(logOdds([...rows.subarray(i * NAMES.length, (i + 1) * NAMES.length)])),
    );
    return Promise.resolve({ probability, members: probability });
  },
};

describe('what a column is worth', () => {
  test('is how much the model errs without it, within its standard error', async () => {
    const { columns, rows } = await columnImportances(model, rowsOf(4_000), NAMES);
    expect(rows).toBe(4_000);
    expect(columns.slice(0, 2).map(({ column }) => column)).toEqual(['strong', 'weak']);
    const [strong, weak] = columns;
    expect(strong!.rise).toBeGreaterThan(weak!.rise + 5 * weak!.standardError);
    expect(weak!.rise).toBeGreaterThan(3 * weak!.standardError);
    expect(columns.find(({ column }) => column === 'idle')).toMatchObject({ rise: 0, standardError: 0 });
  });

  test('has a standard error that is the spread over other rows', async () => {
    const rises: number[] = [];
    const errors: number[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const { columns } = await columnImportances(model, rowsOf(600, seed), NAMES);
      const weak = columns.find(({ column }) => column === 'weak')!;
      rises.push(weak.rise);
      errors.push(weak.standardError);
    }
    const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
    const spread = Math.sqrt(mean(rises.map((rise) => (rise - mean(rises)) ** 2)));
    expect(mean(errors) / spread).toBeGreaterThan(0.6);
    expect(mean(errors) / spread).toBeLessThan(1.7);
  });
});

describe('columns to leave out', () => {
  test('are worth nothing together: of three that say the same two stay', async () => {
    const { toLeaveOut, together, logLoss, columns } = await columnImportances(model, rowsOf(4_000), NAMES);
    for (const name of ['said', 'saidAgain', 'saidOnceMore'])
      expect(columns.find(({ column }) => column === name)!.rise).toBe(0);
    expect(toLeaveOut.filter((name) => name.startsWith('said'))).toHaveLength(1);
    expect(toLeaveOut).not.toContain('weak');
    expect(together!.rise + 1.645 * together!.standardError).toBeLessThan(ENOUGH_TO_STAY * logLoss);
  });

  test('are none where the rows are too few to know', async () => {
    const needed = NAMES.slice(0, 2);
    const few = rowsOf(120);
    const { toLeaveOut } = await columnImportances(model, few, NAMES);
    for (const name of needed) expect(toLeaveOut).not.toContain(name);
  });

  test('are the same each time', async () => {
    const audit = rowsOf(500);
    expect(await columnImportances(model, audit, NAMES)).toEqual(await columnImportances(model, audit, NAMES));
  });
});
