import { SluiceError } from '../errors.js';
import type { SnapshotFold } from './fold.js';
import { sortedVersions } from './keys.js';

/** Names that always mean something: what scores, what a roll-back goes to, the newest that does not score. */
const FIXED_ALIASES = ['champion', 'previous', 'candidate'] as const;

/** What an alias of one's own may be called: nothing that could be a version. */
const ALIAS_NAME = /^[a-z][a-z0-9._-]{0,62}$/;

/** Every alias that means something now, with its version. */
export function aliasesOf(state: SnapshotFold): ReadonlyMap<string, string> {
  const fixed = [
    ['champion', state.pointer?.version],
    ['previous', state.pointer?.previous],
    ['candidate', sortedVersions(state.manifests.keys()).findLast((version) => version !== state.pointer?.version)],
  ] as const;
  const own = [...state.aliases].map(([name, { version }]) => [name, version] as const);
  return new Map([...own, ...fixed].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The version that a name means: an alias, or a version as it is. */
export function versionOf(state: SnapshotFold, name: string): string {
  return aliasesOf(state).get(name) ?? name;
}

/** Throws `alias-invalid` for a name that cannot be given. */
export function checkAliasName(name: string): void {
  const why = (FIXED_ALIASES as readonly string[]).includes(name)
    ? 'it has a meaning of its own'
    : ALIAS_NAME.test(name)
      ? undefined
      : 'a name begins with a lower-case letter; then come lower-case letters, digits, dots, hyphens and underscores, 63 at most';
  if (why !== undefined) throw new SluiceError('alias-invalid', { name, why });
}
