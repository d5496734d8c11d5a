/**
 * The three layers a config is made of (file < environment < flags), each as a plain tree plus where every value came
 * from. Merging is by option: a later layer replaces whole values, lists and maps included, except that a flag or variable
 * with a key below a map (`topics.names.impressions`) sets that key alone.
 */
import { nearest } from './nearest.js';
import type { Option } from './options.js';
import type { Problem } from './problem.js';
import { typedText } from './typed-text.js';

export type Tree = { [key: string]: unknown };

/** One value of a layer, at its path. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: string;
}

export interface Layer {
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
}

/** Variables of this prefix are ours; one that names no option is a warning. */
const ENVIRONMENT_PREFIX = 'SLUICE_';

/** Reads the environment by the names of the option table. An empty variable is as good as none. */
export function environmentLayer(
  options: readonly Option[],
  environment: Readonly<Record<string, string | undefined>>,
  otherNames: ReadonlySet<string>,
): Layer {
  const byName = new Map(options.map((option) => [option.environmentName, option]));
  const settings: Setting[] = [];
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || text === undefined || text === '') continue;
    const option = byName.get(name);
    if (option !== undefined) {
      read(option, option.path.split('.'), text, name, settings, problems);
    } else if (!otherNames.has(name)) {
      const near = nearest(name, byName.keys());
      problems.push({
        severity: 'warning',
        paths: [name],
        // It may be a password under a mistyped name.
        values: [],
        expectation: `environment variable names no option and is ignored.${near === undefined ? '' : ` Did you mean ${near}?`}`,
        remedies: [],
        sources: ['environment'],
      });
    }
  }
  return { settings, problems };
}

/** Reads `path=value` flags, in order: the last one of a path wins. */
export function flagLayer(options: readonly Option[], sets: readonly string[]): Layer {
  const settings: Setting[] = [];
  const problems: Problem[] = [];
  for (const text of sets) {
    const at = text.indexOf('=');
    const path = at < 0 ? text : text.slice(0, at);
    const option = findOption(options, path);
    if (at < 0) {
      problems.push(flagProblem(path, 'expected PATH=VALUE, e.g. --set selection.budget=0.05'));
    } else if (option === undefined) {
      problems.push(flagProblem(path, `unknown option.${didYouMean(path, options)}`));
    } else {
      read(option, path.split('.'), text.slice(at + 1), '--set', settings, problems);
    }
  }
  return { settings, problems };
}

/** The option of a path, or the map option that the path is one key of. */
function findOption(options: readonly Option[], path: string): Option | undefined {
  return options.find(
    (option) => option.path === path || (option.kind.startsWith('map') && path.startsWith(`${option.path}.`)),
  );
}

/** ` Did you mean …?`: the nearest path, or the option of that name in another section; empty when neither is near. */
export function didYouMean(path: string, options: readonly Option[]): string {
  const paths = options.map((option) => option.path);
  const name = path.slice(path.lastIndexOf('.') + 1);
  const elsewhere = paths.find((one) => one.endsWith(`.${name}`) || one === name);
  const near = elsewhere ?? nearest(path, paths);
  return near === undefined ? '' : ` Did you mean ${near}?`;
}

function read(
  option: Option,
  path: string[],
  text: string,
  source: string,
  settings: Setting[],
  problems: Problem[],
): void {
  const isKeyOfMap = path.join('.') !== option.path;
  const kind = isKeyOfMap ? (option.kind === 'map-of-number' ? 'number' : 'text') : option.kind;
  const typed = typedText({ kind, expectation: option.expectation }, text);
  // The keys of topics.names have no dots, but currencies and topic roles could; whatever follows the map is one key.
  const depth = option.path.split('.').length;
  const at = isKeyOfMap ? [...path.slice(0, depth), path.slice(depth).join('.')] : path;
  if (typed.ok) settings.push({ path: at, value: typed.value, source });
  else {
    const expectation = `expected ${typed.expected}`;
    problems.push({
      severity: 'error',
      paths: [path.join('.')],
      values: [text],
      expectation,
      remedies: [],
      sources: [source],
    });
  }
}

/** Without the value: under a mistyped name it may be a password. */
function flagProblem(path: string, expectation: string): Problem {
  return { severity: 'error', paths: [path], values: [], expectation, remedies: [], sources: ['--set'] };
}

/** Puts settings into a copy of the tree, replacing what stood at their paths. */
export function withSettings(tree: Tree, settings: readonly Setting[]): Tree {
  const copy = structuredClone(tree);
  for (const { path, value } of settings) {
    let at = copy;
    for (const name of path.slice(0, -1)) {
      if (!isTree(at[name])) at[name] = {};
      at = at[name] as Tree;
    }
    at[path[path.length - 1]!] = value;
  }
  return copy;
}

/** True for a plain map. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined where there is none. */
export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Tree)[String(name)] : undefined),
    tree,
  );
}
