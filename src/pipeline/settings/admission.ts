import { createHash } from 'node:crypto';
import type { AdmissionConfig, ChangeClass } from '../../config/changes.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { ReorderSettings } from '../order/reorder.js';

/**
 * Raised with every change of decode, clean, order, join or conduct that admits, orders or joins some input differently: a
 * release with another number does not repeat what an older one did.
 */
export const STAGES_VERSION = 2;

/** Versions that this release repeats exactly: an input read under one of them goes on under this one. */
const REPEATABLE_STAGES = ['1', String(STAGES_VERSION)];

/** From this version on events far ahead of their topic are held. */
const HOLDS_SINCE = 2;

/**
 * What the order goes by under some settings. An event is credible as far ahead of its topic as it makes nothing late, or as
 * a message may be ahead of its own timestamp, where that is more.
 */
export function reorderSettings({ clean, join }: Config, stages: number): ReorderSettings {
  const { allowedLatenessMs } = join;
  const credibleMs = stages < HOLDS_SINCE ? Infinity : Math.max(allowedLatenessMs, clean.maxFutureMs);
  return { allowedLatenessMs, credibleMs };
}

/** What a stretch of input was admitted, ordered and joined under: with it and the input a re-read repeats it exactly. */
export interface AdmissionSettings {
  readonly stages: number;
  /** Names the key of the pseudonyms. */
  readonly keyId: string;
  readonly config: AdmissionConfig;
  /** Text of the mapping file; null without one. */
  readonly mapping: string | null;
  /** Texts of the schema files of the inputs. */
  readonly schemas: Readonly<Record<string, string>>;
}

/** Settings with the id that stands for them in progress records. */
export interface NamedSettings {
  readonly id: string;
  readonly settings: AdmissionSettings;
}

/** The config as it was under some settings, in what they say; in all else as it is. */
export function configUnder(config: Config, { config: then }: AdmissionSettings): Config {
  return {
    ...config,
    wire: { ...config.wire, ...then.wire },
    decode: then.decode,
    clean: then.clean,
    privacy: { ...config.privacy, ...then.privacy },
    join: { ...config.join, surfaceWindowsMs: {}, ...then.join },
    quality: { ...config.quality, rules: then.quality.rules },
    features: { ...config.features, ...then.features },
  };
}

const ID_LENGTH = 12;

/** Gives settings their id: the start of the SHA-256 of their text, names in order. */
export function named(settings: AdmissionSettings): NamedSettings {
  return { id: createHash('sha256').update(settingsText(settings)).digest('hex').slice(0, ID_LENGTH), settings };
}

/** Settings as text. */
export function settingsText(settings: AdmissionSettings): string {
  return orderedText(settings);
}

/** Something as JSON, names in order, so that the same is the same text. */
export function orderedText(value: unknown): string {
  return JSON.stringify(ordered(value));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, ordered(inner)]));
}

const STAGES = 'the version of the stages';
/** Path of a change of the key, which is no option: another file may hold the same one. */
export const KEY = 'the pseudonym key';

/** One thing that two settings say differently. */
export interface SettingsChange {
  /** Path of the option, or what else has changed. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What has changed between two settings, option by option. */
export function changesBetween(before: AdmissionSettings, after: AdmissionSettings): readonly SettingsChange[] {
  const factsOf = (settings: AdmissionSettings): Map<string, string> => {
    const { config, mapping, schemas, stages, keyId } = settings;
    return new Map([
      ...leavesOf(config),
      ['wire.mapping', textId(mapping)],
      ['wire.avroSchemas', textId(JSON.stringify(ordered(schemas)))],
      [STAGES, String(stages)],
      [KEY, keyId],
    ]);
  };
  const [old, now] = [factsOf(before), factsOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? 'nothing', after: now.get(path) ?? 'nothing' }))
    .filter((change) => change.before !== change.after);
}

/** Every value in something, as JSON, by its path. */
export function leavesOf(value: unknown): Map<string, string> {
  return new Map(leaves(ordered(value), []));
}

function leaves(value: unknown, path: readonly string[]): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path.join('.'), JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

function textId(text: string | null): string {
  return text === null ? 'none' : `${createHash('sha256').update(text).digest('hex').slice(0, ID_LENGTH)} (SHA-256)`;
}

/** Says what a change of an option means; undefined: nobody has said. */
export type ClassOf = (path: string) => ChangeClass | undefined;

/**
 * Why a stretch under `before` cannot be followed by one under `after`; empty when it can.
 * @param replacedKey id of the key that the one of `after` takes the place of; empty: none
 */
export function refusalsOf(
  before: AdmissionSettings,
  after: AdmissionSettings,
  classOf: ClassOf,
  replacedKey: string,
): readonly SluiceError[] {
  if (before.keyId !== after.keyId && before.keyId !== replacedKey)
    return [new SluiceError('key-changed', { before: before.keyId, after: after.keyId })];
  const refused = changesBetween(before, after).filter(({ path, before: old }) =>
    path === STAGES ? !REPEATABLE_STAGES.includes(old) : classOf(path) === 'refused',
  );
  if (refused.length === 0) return [];
  const changes = refused.map((change) => `${change.path} was ${change.before} and is ${change.after}`).join('; ');
  return [new SluiceError('settings-changed', { changes })];
}
