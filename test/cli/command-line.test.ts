import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERB_GROUPS } from '../../src/cli/commands/index.js';
import { commandLinePage } from '../../src/cli/docs/command-line.js';
import { SluiceError } from '../../src/errors.js';
import { exitCodeOf } from '../../src/cli/exit-codes.js';
import { errorReport } from '../../src/cli/report-error.js';
import { Interrupted, interruptionOf } from '../../src/cli/signals.js';
import { run } from './shell.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line', () => {
  test('help and version are data and end with 0', async () => {
    expect(await run(['--version'])).toMatchObject({ status: 0, stdout: '1.2.3\n', stderr: '' });
    const help = await run(['run', '--help']);
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('--until-end');
  });

  test.each([
    [['lnt'], 'Did you mean lint?'],
    [['run', '--untilend'], 'Did you mean --until-end?'],
    [['snapshot', 'lst'], 'Did you mean list?'],
    [['dump', 'traning'], 'training'],
    [['dump', 'training', '--format', 'parquet'], 'needs --out'],
    [['dump', 'training', '--format', 'arrow', '--out', 'x', '--follow'], '--follow needs parquet, ndjson or csv'],
    [['dump', 'training', '--format', 'parquet', '--out', 'x', '--follow', '--limit', '3'], 'takes every row'],
    [['send', 'x.csv', '--table', 'shop'], 'there is no table shop'],
    [['dump', 'snapshots', '--limit', '1'], 'nothing narrows'],
    [['dump', 'snapshots', '--format', 'parquet', '--out', 'x'], 'ndjson or csv'],
    [['dump', 'late', '--follow', '--until', '2026-03-01T09:00Z'], 'not both'],
    [['simulate', '--out', 'x'], '--impressions'],
    [['simulate', '--out', 'x', '--impressions', 'many'], 'integer'],
    [['simulate', '--out', 'x', '--impressions', '0'], 'at least 1'],
    [['dead-letters', 'requeue'], '--all'],
  ])('%j is refused with status 2 and says %j', async (words, hint) => {
    const { status, stdout, stderr } = await run(words);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(hint);
  });

  test("every verb's help has two to four examples and its exit codes", () => {
    const chapters = commandLinePage().text.split('\n## ').slice(1);
    expect(chapters.length).toBeGreaterThanOrEqual(VERB_GROUPS.flatMap(({ verbs }) => verbs).length);
    for (const chapter of chapters) {
      const examples = /Examples:\n((?: {2}\S.*\n)+)/.exec(chapter)?.[1]?.trim().split('\n') ?? [];
      expect(examples.length, chapter).toBeGreaterThanOrEqual(2);
      expect(examples.length, chapter).toBeLessThanOrEqual(4);
      expect(chapter).toMatch(/^Exit codes: 0 1 2/m);
    }
  });

  test('examples use flags that exist', async () => {
    const lines = commandLinePage()
      .text.split('\n')
      .filter((line) => /^ {2}sluice \S/.test(line));
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) {
      const words = line
        .trim()
        .split(/ [|>&]/)[0]!
        .split(' ')
        .slice(1);
      const flags = words.filter((word) => word.startsWith('--'));
      const verb = words.slice(
        0,
        words.findIndex((word) => word.startsWith('-')),
      );
      const { stdout } = await run([...verb.filter((word) => /^[a-z-]+$/.test(word)), '--help']);
      for (const flag of flags) expect(stdout, line).toContain(flag);
    }
  });
});

describe('errors', () => {
  test('a status follows from the class, and anything else is 1', () => {
    expect(exitCodeOf(new SluiceError('config-invalid'))).toBe(2);
    expect(exitCodeOf(new SluiceError('snapshot-refused'))).toBe(3);
    expect(exitCodeOf(new SluiceError('kafka-unreachable'))).toBe(4);
    expect(exitCodeOf(new SluiceError('bug'))).toBe(1);
    expect(exitCodeOf(new Error('x'))).toBe(1);
  });

  test.each([
    ['reset', '--to', 'end'],
    ['replay', '--as', 'x', '--from', '2026-01-01', '--to', '2026-01-02'],
    ['tune'],
  ])('a verb that is interrupted says so in one line, and is no bug: %s', async (...words) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-interrupted-'));
    try {
      const set = ['transport.path', 'privacy.keyFile'].flatMap((name) => ['--set', `${name}=${join(folder, name)}`]);
      const signal = AbortSignal.abort(new Interrupted('SIGTERM'));
      const { status, stderr } = await run([...words, ...set], {}, undefined, signal);
      expect(stderr.trimEnd().split('\n').at(-1)).toBe('SIGTERM: ended before it was done');
      expect(status).toBe(143);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('an interruption is found behind what was made of it', () => {
    const interrupted = new Interrupted('SIGINT');
    expect(interruptionOf(new SluiceError('store-failed', { path: 'p', why: 'w' }, { cause: interrupted }))).toBe(
      interrupted,
    );
    expect(interruptionOf(new Error('x'))).toBeUndefined();
  });

  test('show code, reason and remedy, and a stack only when debugging', () => {
    const error = new SluiceError('snapshot-unknown', { version: '7' }, { cause: new Error('below') });
    expect(errorReport(error, false)).toBe(
      'error snapshot-unknown: there is no snapshot 7\nremedy: `sluice snapshot list` shows what there is.',
    );
    expect(errorReport(error, false)).not.toContain(' at ');
    expect(errorReport(error, true)).toMatch(/report-error|command-line[\s\S]*below/);
    expect(errorReport('text', false)).toContain('text');
  });

  test('a missing file names the file and ends with 2', async () => {
    const { status, stderr } = await run(['lint', '--config', join(folder, 'absent.yaml')]);
    expect(status).toBe(2);
    expect(stderr).toContain('error file-unreadable: cannot read');
    expect(stderr).not.toContain('    at ');
    expect((await run(['dry-run', join(folder, 'absent')])).status).toBe(2);
  });

  test('what lies where a verb would write stays, and it is no bug', async () => {
    const simulated = (out: string): ReturnType<typeof run> =>
      run(['simulate', '--out', join(folder, out), '--impressions', '20']);
    writeFileSync(join(folder, 'taken'), 'mine');
    expect(await simulated('taken')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('error file-unwritable: cannot write') as string,
    });
    expect(readFileSync(join(folder, 'taken'), 'utf8')).toBe('mine');

    expect((await simulated('made')).status).toBe(0);
    expect((await simulated('made')).status).toBe(0);
    rmSync(join(folder, 'made', 'truth.ndjson'));
    const events = readFileSync(join(folder, 'made', 'impressions.ndjson'), 'utf8');
    const refused = await simulated('made');
    expect(refused).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('impressions.ndjson holds events already, and a simulation') as string,
    });
    expect(readFileSync(join(folder, 'made', 'impressions.ndjson'), 'utf8')).toBe(events);
  });
});

describe('sluice lint', () => {
  test('names columns that features.omit names and nobody has', async () => {
    const { status, stdout } = await run(['lint', '--set', 'features.omit=price,prcie']);
    expect(status).toBe(2);
    expect(stdout).toContain('features.omit = ["prcie"]: no column has this name');
  });

  test('says nothing on stdout about a good config', async () => {
    expect(await run(['lint'])).toEqual({ status: 0, stdout: '', stderr: '0 errors, 0 warnings\n' });
  });

  test('lists all problems at once and ends with 2', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'selection:\n  budget: 2\nhttp:\n  prot: 1\n');
    const { status, stdout, stderr } = await run(['lint', '--config', file, '--set', 'x=1']);
    expect(status).toBe(2);
    expect(stdout).toContain(`selection.budget = 2 (${file}:2): expected number, over 0, at most 1`);
    expect(stdout).toContain(`http.prot (${file}:4): unknown option. Did you mean http.port?`);
    expect(stderr).toBe('3 errors, 0 warnings\n');
  });

  test('a warning is no failure unless --strict, and JSON holds it all', async () => {
    const words = ['lint', '--set', 'selection.defensiveShare=0', '--format', 'json'];
    const lenient = await run(words);
    expect(lenient.status).toBe(0);
    expect(JSON.parse(lenient.stdout)).toMatchObject({
      ok: true,
      problems: [{ severity: 'warning', paths: ['selection.defensiveShare', 'selection.budget'] }],
    });
    expect((await run([...words, '--strict'])).status).toBe(2);
  });

  test('the example config is free of problems where its secrets are set', async () => {
    const file = join(import.meta.dirname, '../../docs/examples/sluice.yaml');
    const env = { SLUICE_PSEUDONYM_KEY: '0123456789abcdef', SLUICE_KAFKA_PASSWORD: 'secret' };
    expect(await run(['lint', '--strict', '--config', file], env)).toEqual({
      status: 0,
      stdout: '',
      stderr: '0 errors, 0 warnings\n',
    });
    expect(readFileSync(file, 'utf8')).not.toContain('\t');
  });
});

describe('sluice encoder check', () => {
  test('prints every pair, and ends with 3 where the encoder does not read what it is to read', async () => {
    const { status, stdout } = await run(['encoder', 'check', 'builtin-en', '--languages', 'zh', '--format', 'json']);
    expect(status).toBe(3);
    expect((JSON.parse(stdout) as { problems: string[] }).problems).toHaveLength(2);
    const unknown = await run(['encoder', 'check', '--languages', 'xx']);
    expect(unknown.status).toBe(2);
    expect((await run(['encoder', 'check', join(folder, 'absent.onnx')])).status).toBe(2);
  });
});

describe('sluice dry-run', () => {
  const list = (over: object) =>
    JSON.stringify({
      requestId: 'r',
      eventTimeMs: 1_600_000_000_000,
      surface: 'SEARCH',
      sessionId: 's',
      items: [
        { itemId: 'a', position: 1 },
        { itemId: 'b', position: 2 },
      ],
      ...over,
    });
  const click = (over: object) =>
    JSON.stringify({
      interactionId: 'i',
      eventTimeMs: 1_600_000_000_000,
      type: 'CLICK',
      sessionId: 's',
      itemId: 'a',
      ...over,
    });

  test('shows three findings of a kind as text, and how many more there are', async () => {
    const file = join(folder, 'alike-impressions.ndjson');
    const lines = Array.from({ length: 9 }, (_, n) => list({ requestId: `r${n}`, sessionId: '' }));
    writeFileSync(file, [...lines, list({ surface: 'NOWHERE' })].join('\n'));
    const { stdout } = await run(['dry-run', file, '--as', 'impressions']);
    const told = stdout.trim().split('\n');
    expect(told.filter((line) => line.includes(':') && line.includes('missing-field (clean)'))).toHaveLength(4);
    expect(told.at(-1)).toMatch(/^6 more of missing-field \(clean\): .*sessionId.*ndjson lists all\)$/);
  });

  test('tells each message and item that would be dead-lettered, with its line, and ends with 3', async () => {
    writeFileSync(
      join(folder, 'impressions.ndjson'),
      [
        list({}),
        list({ surface: 'NOWHERE' }),
        list({ items: [{ itemId: 'a', position: 1 }, { position: 2 }] }),
        '{',
      ].join('\n'),
    );
    writeFileSync(join(folder, 'interactions.ndjson'), [click({}), click({ type: 'STARE' })].join('\n'));
    const { status, stdout, stderr } = await run(['dry-run', folder, '--format', 'ndjson']);
    expect(status).toBe(3);
    const findings = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; code: string; itemIndex: number | null });
    expect(findings.map(({ line, code, itemIndex }) => [line, code, itemIndex])).toEqual([
      [2, 'invalid-field', null],
      [3, 'missing-field', 1],
      [4, 'undecodable', null],
      [2, 'invalid-field', null],
    ]);
    expect(stderr).toContain('4 would become dead letters');
  });

  test('good files end with 0 and print nothing on stdout', async () => {
    const file = join(folder, 'good.ndjson');
    writeFileSync(file, `${click({})}\n`);
    expect(await run(['dry-run', file, '--as', 'interactions'])).toMatchObject({ status: 0, stdout: '' });
    expect((await run(['dry-run', file])).status).toBe(2);
  });

  test('says what share of the texts the encoder does not know, and warns with the remedy where it is high', async () => {
    const file = join(folder, 'impressions-zh.ndjson');
    const items = ['红色连衣裙', '电动螺丝刀'].map((title, at) => ({ itemId: `i${at}`, position: at + 1, title }));
    writeFileSync(file, `${list({ query: '连衣裙', items })}\n`);
    const warned = await run(['dry-run', file, '--set', 'encoder.model=builtin-en', '--format', 'ndjson']);
    expect(warned.status).toBe(0);
    expect(JSON.parse(warned.stdout)).toMatchObject({ code: 'unknown-tokens', model: 'builtin-en', textCount: 3 });
    expect(warned.stdout).toContain('encoder.model = builtin-zh');
    const chosen = await run(['dry-run', file]);
    expect(chosen).toMatchObject({ status: 0, stdout: '' });
    expect(chosen.stderr).toContain('0.0 % of the tokens of 3 texts are unknown to encoder builtin-zh');
  });
});
