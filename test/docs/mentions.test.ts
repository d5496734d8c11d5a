import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listOptions } from '../../src/config/options.js';
import { SAMPLE_FLAGS } from '../../src/events/flags.js';
import { METRICS } from '../../src/observe/metric-names.js';
import { filesUnder, ROOT, textOf } from './pages.js';

const PAGES = ['README.md', ...filesUnder('docs', ['.md'])];
const COMMANDS = 'docs/reference/cli.md';

/** Every verb with the flags of its help. */
const verbs = new Map(
  textOf(COMMANDS)
    .split(/^## sluice /m)
    .slice(1)
    .map((part) => [
      part.split('\n')[0]!,
      new Set([...part.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag!)),
    ]),
);

/** Commands of shell blocks, comments cut off. */
function commandsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block]) => block!.split('\n'))
    .flatMap((line) => line.replace(/ +#.*$/, '').split(/ (?:&&|\|) /))
    .flatMap((command) => /^\s*(?:sluice|node dist\/main\.js) (.+)$/.exec(command)?.[1] ?? []);
}

/** What is wrong with a command; undefined when verb and flags are there. */
function wrongWith(command: string): string | undefined {
  const words = command.split(/\s+/);
  const verb = verbs.has(words.slice(0, 2).join(' ')) ? words.slice(0, 2).join(' ') : words[0]!;
  const flags = verbs.get(verb);
  if (flags === undefined) return `no verb: ${command}`;
  const unknown = words.filter((word) => word.startsWith('--')).find((flag) => !flags.has(flag));
  return unknown === undefined ? undefined : `no ${unknown}: ${command}`;
}

const paths = new Set(listOptions().map((option) => option.path));
const sections = new Set([...paths].map((path) => path.split('.')[0]!));

/** An option, or the beginning of one; below a map of texts or numbers any key goes. */
function isOption(path: string): boolean {
  return [...paths].some((known) => known === path || known.startsWith(`${path}.`) || path.startsWith(`${known}.`));
}

describe('a page', () => {
  test.each(PAGES)('%s types only commands that there are', (page) => {
    expect(commandsOf(page).flatMap((command) => wrongWith(command) ?? [])).toEqual([]);
  });

  test.each(PAGES)('%s names only options that there are', (page) => {
    const named = [...textOf(page).matchAll(/`([a-z]+(?:\.[a-zA-Z0-9]+)+)(?:[ :=][^`]*)?`/g)]
      .map(([, path]) => path!)
      .filter((path) => sections.has(path.split('.')[0]!) && !/\.(?:json|md|ts|yaml|csv|id)$/.test(path));
    expect(named.filter((path) => !isOption(path))).toEqual([]);
  });

  test.each(PAGES)('%s names only metrics that there are', (page) => {
    const known = Object.keys(METRICS);
    const named = [...textOf(page).matchAll(/\bsluice_\w+/g)].map(([name]) => name);
    expect(
      named.filter((name) => !known.includes(name) && !(name.endsWith('_') && known.some((k) => k.startsWith(name)))),
    ).toEqual([]);
  });

  test.each(PAGES)('%s names only files that there are', (page) => {
    const named = [...textOf(page).matchAll(/`((?:src|test|scripts|docker|schemas|models)\/[\w./-]+)`/g)].map(
      ([, path]) => path!,
    );
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('a command that is not there is found', () => {
    expect(wrongWith('runn --events x')).toBe('no verb: runn --events x');
    expect(wrongWith('run --evnts x')).toBe('no --evnts: run --evnts x');
    expect(wrongWith('snapshot show 1 --onnx m.onnx')).toBeUndefined();
  });
});

test('every flag that a sample may have stands on the page on label quality, which its schema points to', () => {
  const page = textOf('docs/how/label-quality.md');
  expect(SAMPLE_FLAGS.filter((flag) => !page.includes(`\`${flag}\``))).toEqual([]);
  expect(textOf('schemas/TrainingSample.avsc')).toContain('docs/how/label-quality.md');
});
