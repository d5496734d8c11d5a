import { createHash, createHmac } from 'node:crypto';
import type { Pseudonymiser } from '../../ports/pseudonymiser.js';

/** Hex characters of a pseudonym: 128 bits. */
const PSEUDONYM_LENGTH = 32;

/** Hex characters of a key id: enough to tell keys apart, far too few to help guess one. */
const KEY_ID_LENGTH = 8;

/**
 * A pseudonymiser over HMAC-SHA256 with the given key. Its `keyId` is the start of the key's SHA-256. The newest
 * identifiers are remembered, between `recentCount` and twice as many: a session's events come close together, and a
 * look-up costs a small part of an HMAC.
 */
export function createPseudonymiser(key: Uint8Array, recentCount = 20_000): Pseudonymiser {
  let recent = new Map<string, string>();
  let older = new Map<string, string>();
  const remember = (identifier: string, pseudonym: string) => {
    if (recent.size >= recentCount) {
      older = recent;
      recent = new Map();
    }
    recent.set(identifier, pseudonym);
    return pseudonym;
  };
  return {
    keyId: createHash('sha256').update(key).digest('hex').slice(0, KEY_ID_LENGTH),
    pseudonym(identifier) {
      const known = recent.get(identifier);
      if (known !== undefined) return known;
      return remember(identifier, older.get(identifier) ?? hmac(key, identifier));
    },
  };
}

function hmac(key: Uint8Array, identifier: string): string {
  return createHmac('sha256', key).update(identifier, 'utf8').digest('hex').slice(0, PSEUDONYM_LENGTH);
}
