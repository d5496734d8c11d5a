import { afterAll, describe, expect, test } from 'vitest';
import { testDriver } from '../../src/api/index.js';
import { describeFeatures } from '../../src/app/describe.js';
import { loadConfig, requireConfig } from '../../src/config/load.js';
import { SluiceError } from '../../src/errors.js';
import { loadOwnCode } from '../../src/own/index.js';
import { namedSelection } from '../../src/pipeline/settings/selection.js';
import { run } from '../cli/shell.js';
import { textOf } from '../docs/pages.js';
import { PluginFolder } from './plugin-folder.js';

const folder = new PluginFolder();
afterAll(() => folder.remove());

const PAGE = textOf('docs/how/own-code.md');
/** A block of the page that says which file it is. */
const blockOf = (name: string): string => new RegExp(`^\`\`\`\\w+ ${name}\\n(.*?)^\`\`\``, 'ms').exec(PAGE)![1]!;
const mine = folder.write('mine.mjs', blockOf('mine.mjs'));

let files = 0;
const plugin = (text: string): string =>
  folder.write(
    `p${++files}.mjs`,
    `import { defineColumns, defineLearner, defineRule, defineScorer } from 'sluice';\n${text}`,
  );
const scorer = (body: string, rest = ''): string =>
  plugin(`export const bad = defineScorer({ name: 'bad', summary: 'something that is not right', ${rest} ${body} });`);

const T0 = 1_772_355_600_000;
const events = {
  impressions: [0, 1, 2, 3].map((n) => ({
    requestId: `r${n}`,
    eventTimeMs: T0 + n * 1_000,
    surface: 'SEARCH',
    sessionId: `s${n}`,
    query: 'red shoes',
    items: [
      { itemId: 'a', position: 1, title: 'Red running shoes', category: 'shoes' },
      { itemId: 'b', position: 2, title: 'Boots' },
    ],
  })),
  interactions: [
    { interactionId: 'c1', eventTimeMs: T0 + 500, type: 'CLICK', sessionId: 's0', requestId: 'r0', itemId: 'a' },
  ],
};
const DECLARED = 'features.declared=[{"name":"titleWords","from":"own:titleWords","kind":"number","inList":["rank"]}]';
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (thrown: unknown) => (thrown instanceof SluiceError ? `${thrown.code}: ${thrown.message}` : String(thrown)),
  );
const configOf = (...sets: string[]) => requireConfig({ env: {}, sets }, () => undefined);

describe('a plugin', () => {
  test('gives columns, through the whole pipeline, under the names that are described', async () => {
    const driver = testDriver({ plugins: [mine], set: [DECLARED] });
    const { samples, columns, deadLetters } = await driver.run(events);
    expect([samples.length, deadLetters]).toEqual([8, []]);
    const words = samples.map(({ itemId, features }) => [
      itemId,
      (features as number[])[columns.indexOf('titleWords')],
      (features as number[])[columns.indexOf('titleWordsRank')],
    ]);
    expect(words.slice(0, 2)).toEqual([
      ['a', 3, 1],
      ['b', 1, 0],
    ]);
  });

  test('refuses what its rule does not want, as dead letters', async () => {
    const driver = testDriver({ plugins: [mine], set: ['quality.own=own:loadTests'] });
    const [first, ...others] = events.impressions;
    const impressions = [{ ...first!, sessionId: 'loadtest-1' }, ...others];
    const interactions = [{ ...events.interactions[0]!, sessionId: 'loadtest-1' }];
    const { samples, deadLetters } = await driver.run({ impressions, interactions });
    expect(samples.length).toBe(6);
    expect(deadLetters.map(({ code, reason }) => [code, String(reason).split(' — ')[0]])).toEqual(
      deadLetters.map(() => ['own-rule', 'rule own:loadTests of a plugin refuses it: a session of a load test']),
    );
    expect(deadLetters.length).toBe(2);
  });

  test('scores: the samples bear its name, and what it says decides', async () => {
    const set = ['selection.scorer=own:unsure', 'selection.budget=0.5', 'features.omit='];
    const { samples } = await testDriver({ plugins: [mine], set }).run(events);
    // Before the first champion by the prior.
    expect(new Set(samples.map(({ scorer: by }) => by))).toEqual(new Set(['prior']));
    expect(
      samples.every(({ importance }) => typeof importance === 'number' && importance > 0 && importance <= 0.25),
    ).toBe(true);
  });

  test('is part of the settings: another text is another feature set and other selection settings', async () => {
    const sets = [`plugins=${mine}`, DECLARED, 'selection.scorer=own:unsure', 'encoder.enabled=false'];
    const before = configOf(...sets);
    folder.write('mine.mjs', `${blockOf('mine.mjs')}\n// changed\n`);
    const after = configOf(...sets);
    folder.write('mine.mjs', blockOf('mine.mjs'));
    expect((await describeFeatures(after)).featureSetId).not.toBe((await describeFeatures(before)).featureSetId);
    expect(namedSelection(after).id).not.toBe(namedSelection(before).id);
    const others = sets.filter((one) => !one.includes('own:'));
    expect((await describeFeatures(configOf(...others))).featureSetId).toBe(
      (await describeFeatures(configOf('encoder.enabled=false'))).featureSetId,
    );
  });

  test('that is no longer the file that the config was read with is refused', async () => {
    const path = plugin('export const c = defineColumns({ one: () => 1 });');
    const config = configOf(`plugins=${path}`);
    folder.write(path.split('/').at(-1)!, 'export const c = 2;');
    expect(await codeOf(loadOwnCode(config))).toMatch(/^plugin-invalid: .*has changed since the start/);
  });

  test('whose hash is given and differs, or that is not there, is a problem of the config', () => {
    const pinned = folder.write('pinned.yaml', `plugins: [{file: ${mine}, sha256: '00'}]\n`);
    const [one] = loadConfig({ file: pinned, env: {}, sets: [] }).problems;
    expect([one!.severity, one!.paths, one!.expectation]).toEqual([
      'error',
      ['plugins.0'],
      expect.stringMatching(/^its SHA-256 is [0-9a-f]{64}, not 00$/),
    ]);
    const [other] = loadConfig({ env: {}, sets: ['plugins=nowhere.mjs'] }).problems;
    expect(other!.expectation).toMatch(/nowhere.mjs/);
  });

  test.each([
    [
      'a name that nothing defines',
      ['selection.scorer=own:absent'],
      /selection.scorer = own:absent: no plugin defines/,
    ],
    [
      'a learner that nothing defines',
      ['retrain.learner=own:absent'],
      /retrain.learner = own:absent: no plugin defines/,
    ],
    ['a rule that nothing defines', ['quality.own=own:absent'], /quality.own.0 = own:absent: no plugin defines/],
    ['a column that nothing defines', [DECLARED.replace('own:titleWords', 'own:absent')], /own:absent: no plugin/],
    ['a setting that it lacks', ['retrain.learner=own:plain', 'retrain.own.stepz=3'], /own:plain has no such setting/],
    ['a setting beyond its limits', ['retrain.learner=own:plain', 'retrain.own.steps=0'], /beyond the limits/],
  ])('%s is said at the start', async (_, set, said) => {
    const told = await codeOf(testDriver({ plugins: [mine], set }).run(events));
    expect(told).toMatch(/^config-invalid/);
    expect(told).toMatch(said);
  });

  test.each([
    ['throws', 'score() { throw new Error("out of luck"); }', /^plugin-failed: scorer own:bad of .* threw out of luck/],
    ['gives NaN', 'score(b, n, p) { n.fill(NaN); p.fill(1); }', /importance NaN for label 0/],
    ['writes only one label', 'score(b, n) { n.fill(1); }', /importance NaN for label 1/],
    ['gives a negative number', 'score(b, n, p) { n.fill(-1); p.fill(1); }', /importance -1 for label 0/],
    ['answers later', 'async score(b, n, p) { n.fill(1); p.fill(1); }', /gave a promise/],
    ['never comes back', 'score() { for (;;); }', /^plugin-slow: scorer own:bad of .* within 200 ms/],
  ])('a scorer that %s ends the run with a word', async (_, body, said) => {
    const set = ['selection.scorer=own:bad', 'run.maxPluginCallMs=200', 'features.omit='];
    expect(await codeOf(testDriver({ plugins: [scorer(body)], set }).run(events))).toMatch(said);
  });

  test('a column that throws or gives something else is missing, and refuses nothing', async () => {
    const path = plugin(
      'export const c = defineColumns({ titleWords(item) { if (item.itemId === "a") throw new Error("no"); return {}; } });',
    );
    const { samples, columns } = await testDriver({ plugins: [path], set: [DECLARED] }).run(events);
    expect(samples.map(({ features }) => (features as number[])[columns.indexOf('titleWords')])).toEqual(
      samples.map(() => null),
    );
  });

  test('a column that never comes back ends the run with a word', async () => {
    const path = plugin('export const c = defineColumns({ titleWords() { for (;;); } });');
    const set = [DECLARED, 'run.maxPluginCallMs=200'];
    expect(await codeOf(testDriver({ plugins: [path], set }).run(events))).toMatch(
      /^plugin-slow: a column or rule of .*200 ms/,
    );
  });

  test.each([
    ['does not parse', 'export const = 3;', /Unexpected token|SyntaxError/],
    ['throws as it is loaded', 'throw new Error("not today");', /not today/],
    ['exports no part', 'export const three = 3;', /exports nothing that define/],
    ['has a scorer without a summary', "export const s = defineScorer({ name: 's', score() {} });", /s has no summary/],
    ['has a scorer without a name', "export const s = defineScorer({ summary: 'x', score() {} });", /has no name/],
    ['has a rule that judges nothing', "export const r = defineRule({ name: 'r', summary: 'x' });", /judges neither/],
    [
      'has a rule that cannot judge',
      "export const r = defineRule({ name: 'r', summary: 'x', impression: 3 });",
      /impression is no function/,
    ],
    ['defines one name twice', 'export const [a, b] = [1, 2].map(() => defineColumns({ x: () => 1 }));', /two own:x/],
  ])('that %s is refused by name', async (_, text, said) => {
    const path = plugin(text);
    const told = await codeOf(loadOwnCode({ plugins: [{ file: path, sha256: '' }], run: { maxPluginCallMs: 1_000 } }));
    expect(told).toMatch(/^plugin-invalid/);
    expect(told).toMatch(said);
  });
});

test('a plugin that waits for ever as it is loaded is refused', async () => {
  const file = plugin('await new Promise(() => setTimeout(() => {}, 1e6));');
  const told = await codeOf(loadOwnCode({ plugins: [{ file, sha256: '' }], run: { maxPluginCallMs: 5 } }));
  expect(told).toMatch(/^plugin-invalid: .* loading it takes longer than 300 ms/);
});

describe('sluice test --plugin', () => {
  test('holds the plugin of the page to the laws of our own parts', async () => {
    const { status, stdout, stderr } = await run(['test', '--plugin', mine]);
    expect(stdout.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([]);
    expect(status).toBe(0);
    for (const part of ['own:unsure', 'own:plain', 'own:titleWords', 'own:inQuery', 'own:loadTests'])
      expect(stdout.split('\n').filter((line) => line.startsWith(`ok     ${part}: `)).length).toBeGreaterThan(3);
    const [count] = /(\d+) laws held, 0 failed/.exec(stderr)!;
    expect(PAGE).toContain(count);
  });

  test.each([
    ['depends on the batch', 'score({ rowCount }, n, p) { n.fill(rowCount); p.fill(rowCount); }', 'scores a row alone'],
    ['looks at the label', 'score({ labels }, n, p) { n.set(labels); p.fill(1); }', 'is the same for any labels'],
    ['changes rows', 'score({ rows }, n, p) { n.fill(1); p.fill(1); rows[0] = 7; }', 'leaves what it is given'],
    ['never comes back', 'score() { for (;;); }', 'gives both labels'],
  ])('says which law a scorer breaks that %s', async (_, body, law) => {
    const { status, stdout } = await run(['test', '--plugin', scorer(body), '--set', 'run.maxPluginCallMs=50']);
    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`^FAILED own:bad: ${law}`, 'm'));
  });

  test('says which law a column breaks', async () => {
    const path = plugin(
      'export const c = defineColumns({ thrower: (item) => item.title.length, counter: (() => { let n = 0; return () => ++n; })(), changer(item) { item.seen = 1; return 1; }, other: () => ({}) });',
    );
    const { stdout } = await run(['test', '--plugin', path]);
    const failed = stdout.split('\n').filter((line) => line.startsWith('FAILED'));
    for (const part of [
      'thrower: reads a full',
      'counter: is a function',
      'changer: leaves the message',
      'other: gives a',
    ])
      expect(failed.some((line) => line.startsWith(`FAILED own:${part}`))).toBe(true);
  });

  test('says which law a rule breaks', async () => {
    const rules = {
      thrower: 'impression: (item) => (item.title.length > 99 ? "long" : null)',
      talker: 'interaction: () => true',
      counter: 'impression: (() => { let n = 0; return () => (n++ % 2 ? "odd" : null); })()',
      changer: 'interaction(sent) { sent.seen = 1; return null; }',
    };
    const text = Object.entries(rules).map(
      ([name, body]) => `export const ${name} = defineRule({ name: '${name}', summary: 'something', ${body} });`,
    );
    const { stdout } = await run(['test', '--plugin', plugin(text.join('\n'))]);
    const failed = stdout.split('\n').filter((line) => line.startsWith('FAILED'));
    for (const part of [
      'thrower: judges full',
      'talker: gives a reason',
      'counter: is a function',
      'changer: leaves the message',
    ])
      expect(failed.some((line) => line.startsWith(`FAILED own:${part}`))).toBe(true);
  });

  test('without a file or a plugin says what it wants', async () => {
    const { status, stderr } = await run(['test']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('--plugin FILE')]);
  });
});
