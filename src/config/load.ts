import { readYamlSource, type YamlSource } from '../adapters/yaml/index.js';
import { fingerprintOf } from '../adapters/own-code/index.js';
import { SluiceError, whyOf } from '../errors.js';
import { crossProblems } from './cross-checks.js';
import { environmentLayer, flagLayer, isTree, type Setting, type Tree, valueAt, withSettings } from './layers.js';
import { listOptions, type Option } from './options.js';
import { formatProblems, type Problem } from './problem.js';
import { shownValue } from './shown.js';
import { type Config, configSchema } from './schema.js';
import { schemaProblems } from './schema-problems.js';

export interface ConfigSources {
  /** YAML (or JSON) file; absent: defaults. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `path=value` flags, the last one of a path wins. */
  readonly sets: readonly string[];
}

export interface LoadedConfig {
  /** null when any problem is an error. */
  readonly config: Config | null;
  /** All problems at once: errors refuse the config, warnings do not. */
  readonly problems: readonly Problem[];
  /** Where the value of an option came from: a line of the file, a variable, a flag, or `default`. */
  readonly sourceOf: (path: readonly PropertyKey[]) => string;
}

/** An option as it holds. */
export interface ToldOption {
  readonly path: string;
  /** Credentials in addresses are hidden; undefined: it has none. */
  readonly value: unknown;
  readonly source: string;
  readonly isDefault: boolean;
}

/** Every option of a config that is valid, in the order of the schema; none of one that is not. */
export function tellConfig(sources: ConfigSources): readonly ToldOption[] {
  const { config, sourceOf } = loadConfig(sources);
  if (config === null) return [];
  return listOptions().map(({ path }) => {
    const steps = path.split('.');
    const source = sourceOf(steps);
    return { path, value: shownValue(path, valueAt(config, steps)), source, isDefault: source === 'default' };
  });
}

/** Variables that are read elsewhere and name no option. */
const OTHER_VARIABLES = [
  'SLUICE_KAFKA_PASSWORD',
  'SLUICE_PSEUDONYM_KEY',
  'SLUICE_CONTROL_TOKEN',
  'SLUICE_DATA',
  'SLUICE_PYTHON',
];

/**
 * Reads a config: defaults < file < environment < flags. Reports every problem at once, each with its path, value, what
 * would be valid and where the value came from (file line, variable, flag).
 * @throws SluiceError `file-unreadable`
 */
export function loadConfig({ file, env, sets }: ConfigSources): LoadedConfig {
  const options = listOptions();
  const yaml = file === undefined ? undefined : readYamlSource(file);
  const syntax = (yaml?.problems ?? []).map((one) => fileProblem(`${file}:${one.line}`, one.message));
  const root = yaml?.value ?? {};
  if (!isTree(root)) syntax.push(fileProblem(`${file}:1`, 'expected a map of sections like `selection:`'));
  const fromFile = isTree(root) ? withoutEmptySections(root, options) : {};

  const namedVariables = secretVariables(fromFile, options);
  const environment = environmentLayer(options, env, new Set([...OTHER_VARIABLES, ...namedVariables]));
  const flags = flagLayer(options, sets);
  const settings = [...environment.settings, ...flags.settings];
  const given = withSettings(fromFile, settings);
  const sourceOf = sourceFinder(file, yaml, settings);

  const parsed = configSchema.safeParse(given);
  const plugins = parsed.success ? fingerprinted(parsed.data.plugins, sourceOf) : undefined;
  const problems = [
    ...syntax,
    ...environment.problems,
    ...flags.problems,
    ...(plugins?.problems ?? []),
    ...(parsed.success
      ? crossProblems(parsed.data, { isSet: (name) => (env[name] ?? '') !== '' }, sourceOf)
      : schemaProblems(parsed.error.issues, given, options, sourceOf)),
  ];
  const isRefused = !parsed.success || problems.some((problem) => problem.severity === 'error');
  return { config: isRefused ? null : { ...parsed.data, plugins: plugins!.plugins }, problems, sourceOf };
}

/**
 * Loads a config or refuses it.
 * @param onWarning told of every warning, as text
 * @throws SluiceError `config-invalid` with every error; `file-unreadable`
 */
export function requireConfig(sources: ConfigSources, onWarning: (text: string) => void): Config {
  const { config, problems } = loadConfig(sources);
  const of = (severity: Problem['severity']): Problem[] => problems.filter((problem) => problem.severity === severity);
  if (config === null) throw new SluiceError('config-invalid', { problems: formatProblems(of('error')) });
  for (const warning of of('warning')) onWarning(formatProblems([warning]));
  return config;
}

function fileProblem(source: string, expectation: string): Problem {
  return { severity: 'error', paths: [source], values: [undefined], expectation, remedies: [], sources: [] };
}

/** The plugins with the hashes of their files. */
function fingerprinted(plugins: Config['plugins'], sourceOf: LoadedConfig['sourceOf']) {
  const problems: Problem[] = [];
  const read = plugins.map(({ file, sha256: expected }, at) => {
    try {
      const sha256 = fingerprintOf(file);
      if (expected !== '' && sha256 !== expected) throw new Error(`its SHA-256 is ${sha256}, not ${expected}`);
      return { file, sha256 };
    } catch (thrown) {
      const [paths, values] = [[`plugins.${at}`], [file]];
      const expectation = whyOf(thrown);
      problems.push({
        severity: 'error',
        paths,
        values,
        expectation,
        remedies: [],
        sources: [sourceOf(['plugins', at])],
      });
      return { file, sha256: '' };
    }
  });
  return { plugins: read, problems };
}

/** A section whose every option is commented out is null in YAML: as good as absent. */
function withoutEmptySections(tree: Tree, options: readonly Option[]): Tree {
  const isSection = (name: string): boolean => options.some((option) => option.path.startsWith(`${name}.`));
  return Object.fromEntries(Object.entries(tree).filter(([name, value]) => value !== null || !isSection(name)));
}

/** Where a value came from: the last flag or variable that set it, else its line in the file, else `default`. */
function sourceFinder(file: string | undefined, yaml: YamlSource | undefined, settings: readonly Setting[]) {
  return (path: readonly PropertyKey[]): string => {
    const dotted = path.map(String).join('.');
    const setting = settings.findLast((one) => `${dotted}.`.startsWith(`${one.path.join('.')}.`));
    if (setting !== undefined) return setting.source;
    return yaml !== undefined && isInFile(yaml.value, path) ? `${file}:${yaml.lineOf(path)}` : 'default';
  };
}

function isInFile(tree: unknown, path: readonly PropertyKey[]): boolean {
  let at = tree;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Tree)[String(name)];
  }
  return true;
}

/** Names of the variables that a config takes secrets from. */
function secretVariables(tree: Tree, options: readonly Option[]): string[] {
  return options
    .filter(({ path }) => path.endsWith('Env'))
    .map(({ path }) => valueAt(tree, path.split('.')))
    .filter((name): name is string => typeof name === 'string');
}
