import { createHash } from 'node:crypto';
import { valueAt } from './layers.js';
import { withoutCredentials } from './problem.js';
import type { Config } from './schema.js';

/**
 * Options whose value is not shown, recorded or logged. Passwords, keys and tokens are no options: an option names their
 * file or variable. But who knows the salt and may write events can tell which of them will be kept, and the words behind
 * a program may hold what they should not.
 */
export const HIDDEN_OPTIONS = ['selection.salt', 'transport.sasl.oauth.command', 'wire.registryOauth.command'] as const;

const MARK = 'sha256:';
const FINGERPRINT_LENGTH = 12;

/** The value of an option as it may be seen: hidden ones by a fingerprint, which tells a change; addresses without user and password. */
export function shownValue(path: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  if ((HIDDEN_OPTIONS as readonly string[]).includes(path)) {
    if (!Array.isArray(value)) return fingerprint(path, value);
    const [program, ...words] = value as readonly unknown[];
    return words.length === 0 ? value : [program, fingerprint(path, words.length === 1 ? words[0] : words)];
  }
  return JSON.parse(withoutCredentials(JSON.stringify(value))) as unknown;
}

/** A config as it may be recorded. Given one that is recorded already, it stays as it is. */
export function shownConfig(config: Config): Config;
export function shownConfig(config: unknown): unknown;
export function shownConfig(config: unknown): unknown {
  const shown = JSON.parse(withoutCredentials(JSON.stringify(config))) as unknown;
  for (const path of HIDDEN_OPTIONS) {
    const steps = path.split('.');
    const section = valueAt(shown, steps.slice(0, -1)) as Record<string, unknown> | undefined;
    const name = steps.at(-1)!;
    if (section?.[name] !== undefined) section[name] = shownValue(path, section[name]);
  }
  return shown;
}

function fingerprint(path: string, value: unknown): string {
  if (typeof value === 'string' && value.startsWith(MARK)) return value;
  const hash = createHash('sha256').update(`${path} ${JSON.stringify(value)}`);
  return `${MARK}${hash.digest('hex').slice(0, FINGERPRINT_LENGTH)}`;
}
