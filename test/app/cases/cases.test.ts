import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkCases, type CheckedCase } from '../../../src/app/cases/check-cases.js';
import { differencesIn, fits } from '../../../src/app/cases/match.js';
import { run } from '../../cli/shell.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-cases-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const EXAMPLE = join(import.meta.dirname, '../../../docs/examples/cases.yaml');

let files = 0;
function fileOf(text: string): string {
  const path = join(folder, `cases-${++files}.yaml`);
  writeFileSync(path, text);
  return path;
}

async function all(source: Parameters<typeof checkCases>[0]): Promise<CheckedCase[]> {
  const found: CheckedCase[] = [];
  for await (const one of checkCases(source)) found.push(one);
  return found;
}

const LIST = `{requestId: r1, eventTimeMs: 1772355600000, surface: SEARCH, sessionId: s1, items: [{itemId: a, position: 1}]}`;

describe('cases', () => {
  it('those of the example hold, from the command line too', async () => {
    const checked = await all({ cases: EXAMPLE });
    expect(checked.length).toBeGreaterThan(2);
    for (const { name, differences } of checked) expect(differences, name).toEqual([]);
    const { status, stdout, stderr } = await run(['test', EXAMPLE]);
    expect([status, stderr.trim()]).toEqual([0, `${checked.length} cases held, 0 failed`]);
    expect(stdout.split('\n').filter((line) => line.startsWith('ok '))).toHaveLength(checked.length);
  });

  it('say what is missing and what came instead, and end with status 1', async () => {
    const cases = fileOf(
      `cases: [{name: wrong, impressions: [${LIST}], expect: {samples: [{itemId: a, label: 1}], deadLetters: []}}]`,
    );
    const { status, stdout } = await run(['test', cases]);
    expect(status).toBe(1);
    expect(stdout).toContain('FAILED wrong');
    expect(stdout).toContain('samples: expected {"itemId":"a","label":1}, and there is none');
    expect(stdout).toMatch(/samples: not expected .*"itemId":"a","label":0/);
  });

  it('go by the options of the config, and of the case above them', async () => {
    const config = join(folder, 'config.yaml');
    writeFileSync(config, 'label: { goal: PURCHASE }\nselection: { budget: 0.01 }\n');
    const click = `{interactionId: i1, eventTimeMs: 1772355601000, type: CLICK, sessionId: s1, itemId: a, requestId: r1}`;
    const one = (name: string, label: number, set = '') =>
      `{name: ${name}, set: [${set}], impressions: [${LIST}], interactions: [${click}], expect: {samples: [{label: ${label}, inclusionProbability: 1}]}}`;
    const cases = fileOf(`cases: [${one('config', 0)}, ${one('case', 1, 'label.goal=CLICK')}]`);
    expect(await all({ cases, config })).toEqual([
      { name: 'config', differences: [] },
      { name: 'case', differences: [] },
    ]);
  });

  it.each([
    ['cases: []', 'cases'],
    ['cases: [{name: x}]', 'expect'],
    ['cases: [{name: x, expect: {sample: []}}]', 'sample'],
    ['cases: [', 'line 1'],
  ])('that are not understood are refused: %s', async (text, named) => {
    await expect(all({ cases: fileOf(text) })).rejects.toMatchObject({
      code: 'cases-invalid',
      message: expect.stringContaining(named) as string,
    });
  });
});

describe('what fits', () => {
  it.each([
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ a: { b: 'x' } }, { a: { b: 'x', c: 1 } }, true],
    [{ a: [1, 2] }, { a: [1, 2, 3] }, false],
    [{ a: 0.1 }, { a: Math.fround(0.1) }, true],
    [{ a: 1 }, { a: '1' }, false],
    [{ a: null }, {}, false],
  ])('%j and %j: %s', (expected, found, is) => expect(fits(expected, found)).toBe(is));

  it('pairs each record once', () => {
    expect(differencesIn('samples', [{ a: 1 }, { a: 1 }], [{ a: 1 }], ['a'])).toHaveLength(1);
    expect(differencesIn('samples', [{ a: 1 }], [{ a: 1 }, { a: 1 }], ['a'])).toEqual([
      'samples: not expected {"a":1}',
    ]);
  });
});
