import type { Config } from './schema.js';

/**
 * What a change of an option between two runs of an application means for the stretch of input that a restart reads again.
 *
 * - `free`: nothing; it acts from the start on. How samples are chosen, learned from and written, where things lie, limits of
 *   time and memory outside the stream's state.
 * - `rebuilt`: how samples are described and labelled. The stretch is read under the new value; what it never remembered
 *   begins empty. Which messages become samples does not depend on it.
 * - `switched`: which messages are admitted, when their turn comes, what joins. The stretch is read again under the old
 *   value, and the new one acts from the committed offsets on.
 * - `refused`: what the state is made of; the start is refused, with both values and the ways out.
 */
export type ChangeClass = 'free' | 'rebuilt' | 'switched' | 'refused';

/** Class by path or section; the longest path that fits an option decides. Every option has one: a test looks. */
export const CHANGE_CLASSES: Readonly<Record<string, ChangeClass>> = {
  application: 'free',
  // Columns of theirs; a scorer or learner alone would be free.
  plugins: 'rebuilt',
  topics: 'free',
  transport: 'free',
  // Other topics, with other offsets.
  'transport.repartition': 'refused',
  'wire.inputFormat': 'refused',
  'wire.outputFormat': 'free',
  'wire.registryUrl': 'free',
  'wire.registryAuthEnv': 'free',
  'wire.registryTokenEnv': 'free',
  'wire.registryOauth': 'free',
  'wire.registryCertificates': 'free',
  'wire.registrySchemas': 'free',
  'wire.subjectNames': 'free',
  'wire.avroSchemas': 'refused',
  'wire.mapping': 'switched',
  batch: 'free',
  decode: 'switched',
  clean: 'switched',
  'privacy.keyEnv': 'free',
  'privacy.keyFile': 'free',
  'privacy.maskTexts': 'free',
  // The id on a late interaction must be the one that its sample went out with.
  'privacy.requestIds': 'switched',
  // The key's id is recorded, and changes with the scope.
  'privacy.replaces': 'free',
  'privacy.scope': 'free',
  encoder: 'rebuilt',
  'encoder.threads': 'free',
  'encoder.cacheEntries': 'free',
  'encoder.cachePath': 'free',
  'encoder.server.url': 'free',
  'encoder.server.tokenEnv': 'free',
  'encoder.server.batchTexts': 'free',
  'encoder.server.timeoutMs': 'free',
  join: 'switched',
  'join.idleTimeoutMs': 'free',
  'join.maxReorderBytes': 'free',
  label: 'rebuilt',
  tables: 'rebuilt',
  features: 'rebuilt',
  'features.maxSessions': 'refused',
  'quality.rules': 'refused',
  'quality.own': 'refused',
  'quality.contradicted': 'free',
  selection: 'free',
  retrain: 'free',
  output: 'free',
  state: 'free',
  http: 'free',
  serving: 'free',
  log: 'free',
  run: 'free',
  drain: 'free',
  telemetry: 'free',
};

/** The class of an option; undefined: nobody has said. */
export function changeClassOf(path: string): ChangeClass | undefined {
  const fitting = Object.keys(CHANGE_CLASSES).filter((name) => path === name || path.startsWith(`${name}.`));
  const longest = fitting.sort((left, right) => right.length - left.length)[0];
  return longest === undefined ? undefined : CHANGE_CLASSES[longest];
}

/** The parts of a config that admission depends on: what a re-read must know of the time it repeats. */
export interface AdmissionConfig {
  readonly wire: Pick<Config['wire'], 'inputFormat'>;
  readonly decode: Config['decode'];
  readonly clean: Config['clean'];
  readonly privacy: Pick<Config['privacy'], 'requestIds'>;
  /** Windows of surfaces are absent where there are none, as in what releases recorded that knew none. */
  readonly join: Omit<Config['join'], 'idleTimeoutMs' | 'maxReorderBytes' | 'surfaceWindowsMs'> &
    Partial<Pick<Config['join'], 'surfaceWindowsMs'>>;
  /** own: rules of plugins, and which files the plugins are; absent: none. */
  readonly quality: Pick<Config['quality'], 'rules'> & { readonly own?: readonly string[] };
  readonly features: Pick<Config['features'], 'maxSessions'>;
  /** Absent: none, as in what releases recorded that knew no other. */
  readonly transport?: { readonly repartition: 'session' };
}

/** Takes them out of a config. */
export function admissionConfigOf({
  wire,
  decode,
  clean,
  privacy,
  join,
  quality,
  features,
  plugins,
  transport: { repartition },
}: Config): AdmissionConfig {
  const { idleTimeoutMs: _idle, maxReorderBytes: _reorder, surfaceWindowsMs, ...ofJoin } = join;
  return {
    wire: { inputFormat: wire.inputFormat },
    decode,
    clean,
    privacy: { requestIds: privacy.requestIds },
    join: { ...ofJoin, ...(Object.keys(surfaceWindowsMs).length > 0 ? { surfaceWindowsMs } : {}) },
    quality: {
      rules: quality.rules,
      ...(quality.own.length > 0 ? { own: [...quality.own, ...plugins.map(({ sha256 }) => sha256)] } : {}),
    },
    features: { maxSessions: features.maxSessions },
    ...(repartition === 'session' ? { transport: { repartition } } : {}),
  };
}
