import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig, requireConfig } from '../../src/config/load.js';
import { formatProblem, formatProblems, type Problem } from '../../src/config/problem.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string, env: Record<string, string> = {}, sets: string[] = []) {
  const file = join(folder, 'sluice.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ file, env, sets });
}

function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter((problem) => problem.severity === 'error');
}

describe('loading a config', () => {
  test('without any source it is the defaults, and they have no problems', () => {
    const { config, problems } = loadConfig({ env: {}, sets: [] });
    expect(problems).toEqual([]);
    expect(config?.selection.budget).toBe(0.1);
    expect(config?.transport.kind).toBe('embedded');
  });

  test('the file is below the environment, the environment below flags, and the last flag wins', () => {
    const yaml = 'selection:\n  budget: 0.5\n  scorer: uniform\n  defensiveShare: 0.3\n';
    const env = { SLUICE_SELECTION_BUDGET: '0.4', SLUICE_SELECTION_SCORER: 'surprise' };
    const { config } = load(yaml, env, ['selection.budget=0.2', 'selection.budget=0.3']);
    expect(config?.selection).toMatchObject({ budget: 0.3, scorer: 'surprise', defensiveShare: 0.3 });
  });

  test('environment names are typed by the schema: numbers, booleans, lists, maps', () => {
    const { config, problems } = loadConfig({
      env: {
        SLUICE_JOIN_ATTRIBUTION_WINDOW_MS: '60_000',
        SLUICE_TRANSPORT_TLS: 'on',
        SLUICE_FEATURES_OMIT: 'price,hourSin',
        SLUICE_TOPICS_NAMES: 'impressions=search.shown,interactions=search.done',
        SLUICE_RETRAIN_BOOSTING_L2: '3',
      },
      sets: [],
    });
    expect(problems).toEqual([]);
    expect(config?.join.attributionWindowMs).toBe(60_000);
    expect(config?.transport.tls).toBe(true);
    expect(config?.features.omit).toEqual(['price', 'hourSin']);
    expect(config?.topics.names).toEqual({ impressions: 'search.shown', interactions: 'search.done' });
    expect(config?.retrain.boosting.l2).toBe(3);
  });

  test('a flag can set one key of a map and keep the others', () => {
    const { config } = load('topics:\n  names:\n    impressions: a\n    audit: b\n', {}, [
      'topics.names.audit=c',
      'clean.currency=EUR',
      'clean.currencies.USD=0.9',
    ]);
    expect(config?.topics.names).toEqual({ impressions: 'a', audit: 'c' });
    expect(config?.clean.currencies).toEqual({ USD: 0.9 });
  });

  test('brokers come as a list or comma-separated, from anywhere', () => {
    expect(load('transport: { brokers: "a:1, b:2" }').config?.transport.brokers).toEqual(['a:1', 'b:2']);
    expect(load('transport: { brokers: [a:1] }').config?.transport.brokers).toEqual(['a:1']);
    expect(load('', {}, ['transport.brokers=a:1,b:2']).config?.transport.brokers).toEqual(['a:1', 'b:2']);
  });

  test('a salt that looks like a number stays the text it was', () => {
    expect(load('', {}, ['selection.salt=007']).config?.selection.salt).toBe('007');
    expect(load('selection: { salt: 7 }').config?.selection.salt).toBe('7');
  });

  test('an empty variable and an empty section are as good as none', () => {
    const { config, problems } = load('selection:\njoin:\n', { SLUICE_SELECTION_BUDGET: '' });
    expect(problems).toEqual([]);
    expect(config?.selection.budget).toBe(0.1);
  });
});

describe('problems of a config', () => {
  const yaml = [
    'selection:',
    '  bugdet: 0.2',
    '  scorer: best',
    'join:',
    '  attributionWindowMs: soon',
    'budget: 0.1',
  ].join('\n');

  test('are all reported at once, each with path, value, what would be valid, and its source', () => {
    const { config, problems } = load(yaml, { SLUICE_HTTP_PORT: '99999' }, [
      'selection.auditFraction=many',
      'selectoin.budget=1',
    ]);
    expect(config).toBeNull();
    const told = errorsOf(problems).map(
      (problem) => `${problem.paths[0]} | ${problem.values[0]} | ${problem.sources[0]?.replace(folder, '')}`,
    );
    expect(told.sort()).toEqual(
      [
        'selection.bugdet | undefined | /sluice.yaml:2',
        'selection.scorer | best | /sluice.yaml:3',
        'join.attributionWindowMs | soon | /sluice.yaml:5',
        'budget | undefined | /sluice.yaml:6',
        'http.port | 99999 | SLUICE_HTTP_PORT',
        'selection.auditFraction | many | --set',
        'selectoin.budget | undefined | --set',
      ].sort(),
    );
    const text = formatProblems(problems);
    expect(text).toContain('unknown option. Did you mean selection.budget?');
    expect(text).toContain('expected one of uniform, surprise, committee-loss');
    expect(text).toContain('expected integer, at least 0, at most 65535');
  });

  test('a repeated key or broken YAML names its line', () => {
    const { config, problems } = load('selection:\n  budget: 0.1\n  budget: 0.2\n');
    expect(config).toBeNull();
    expect(problems[0]?.paths[0]).toMatch(/sluice\.yaml:3$/);
  });

  test('a file that is no map is refused', () => {
    expect(load('- a\n- b\n').config).toBeNull();
  });

  test('a flag without a value is refused', () => {
    const { config, problems } = loadConfig({ env: {}, sets: ['selection.budget'] });
    expect(config).toBeNull();
    expect(problems[0]?.expectation).toContain('PATH=VALUE');
  });

  test('a variable that names no option is a warning with the nearest name; names of secrets are not', () => {
    const { config, problems } = loadConfig({
      env: { SLUICE_SELECTION_BUGDET: '1', SLUICE_PSEUDONYM_KEY: 'k', SLUICE_KAFKA_PASSWORD: 'p', OTHER: 'x' },
      sets: [],
    });
    expect(config).not.toBeNull();
    expect(problems.map(formatProblem)).toEqual([expect.stringContaining('Did you mean SLUICE_SELECTION_BUDGET?')]);
  });

  test('a variable named in the config as a secret is not taken for an option', () => {
    const { problems } = load('privacy: { keyEnv: SLUICE_OTHER_KEY }', { SLUICE_OTHER_KEY: 'secret' });
    expect(problems).toEqual([]);
  });

  test('a value under a name that no option has is never repeated: it may be a password', () => {
    const secret = 'hunter2';
    const of = (sources: Parameters<typeof loadConfig>[0]): string =>
      loadConfig(sources).problems.map(formatProblem).join('\n');
    const texts = [
      of({ env: { SLUICE_TRANSPORT_SASL_PASSWORD: secret }, sets: [] }),
      of({ env: {}, sets: [`transport.sasl.password=${secret}`] }),
      load(`transport: { sasl: { mechanism: plain, username: u, password: ${secret} } }`)
        .problems.map(formatProblem)
        .join(),
      of({ env: {}, sets: ['transport.sasl.passwordEnv=hunter2 is it!'] }),
      of({ env: {}, sets: [`wire.registryUrl=http://joe:${secret}@registry:8081`] }),
    ];
    for (const text of texts) {
      expect(text).not.toBe('');
      expect(text).not.toContain(secret);
    }
    expect(texts.at(-1)).toContain('wire.registryAuthEnv');
  });

  test('a missing file is told by its path', () => {
    expect(() => loadConfig({ file: join(folder, 'absent.yaml'), env: {}, sets: [] })).toThrow(
      /cannot read .*absent\.yaml/,
    );
  });

  test('requireConfig throws every error at once and passes warnings on', () => {
    expect(() => requireConfig({ env: {}, sets: ['a=1', 'b=2'] }, () => {})).toThrow(/a \(--set\)[\s\S]*b \(--set\)/);
    const warnings: string[] = [];
    requireConfig({ env: {}, sets: ['selection.defensiveShare=0'] }, (text) => warnings.push(text));
    expect(warnings).toHaveLength(1);
  });
});
