import { createHash, createHmac } from 'node:crypto';
import { type IdentifierKind, IDENTIFIER_KINDS, type Pseudonymiser } from '../../ports/pseudonymiser.js';

/** Hex characters of a pseudonym: 128 bits. */
const PSEUDONYM_LENGTH = 32;

/** Hex characters of a key id: enough to tell keys apart, far too few to help guess one. */
const KEY_ID_LENGTH = 8;

export interface PseudonymiserOptions {
  /** Pseudonyms are this application's own: those of another one with the same key differ. Default: they are shared. */
  readonly application?: string | undefined;
  /** How many of the newest identifiers of a kind are remembered, at least. Default 20,000. */
  readonly recentCount?: number;
}

/**
 * A pseudonymiser over HMAC-SHA256 with the given key. Its `keyId` is the start of the SHA-256 of the key, and of the
 * application where pseudonyms are its own. The newest identifiers are remembered, between `recentCount` and twice as many
 * a kind: a session's events come close together, and a look-up costs a small part of an HMAC.
 */
export function createPseudonymiser(key: Uint8Array, options: PseudonymiserOptions = {}): Pseudonymiser {
  const { application, recentCount = 20_000 } = options;
  const ownKey =
    application === undefined ? key : createHmac('sha256', key).update(`application\0${application}`).digest();
  const byKind = Object.fromEntries(
    IDENTIFIER_KINDS.map((kind) => [kind, remembered((identifier) => hmac(ownKey, kind, identifier), recentCount)]),
  ) as Record<IdentifierKind, (identifier: string) => string>;
  return {
    keyId: createHash('sha256').update(ownKey).digest('hex').slice(0, KEY_ID_LENGTH),
    pseudonym: (kind, identifier) => byKind[kind](identifier),
  };
}

/** Two generations: the older one is dropped when the younger is full, and what is asked for again moves to the younger. */
function remembered(make: (identifier: string) => string, recentCount: number): (identifier: string) => string {
  let recent = new Map<string, string>();
  let older = new Map<string, string>();
  return (identifier) => {
    const known = recent.get(identifier);
    if (known !== undefined) return known;
    if (recent.size >= recentCount) {
      older = recent;
      recent = new Map();
    }
    const pseudonym = older.get(identifier) ?? make(identifier);
    recent.set(identifier, pseudonym);
    return pseudonym;
  };
}

function hmac(key: Uint8Array, kind: IdentifierKind, identifier: string): string {
  return createHmac('sha256', key).update(`${kind}\0${identifier}`, 'utf8').digest('hex').slice(0, PSEUDONYM_LENGTH);
}
