/** What an identifier names. Equal identifiers of two kinds have pseudonyms that nobody can compare. */
export const IDENTIFIER_KINDS = ['session', 'user', 'request'] as const;
export type IdentifierKind = (typeof IDENTIFIER_KINDS)[number];

/** Keyed one-way names for people. Raw identifiers never leave the processor. */
export interface Pseudonymiser {
  readonly keyId: string;
  /** HMAC-SHA256(key, kind and identifier), first 128 bits, hex. */
  pseudonym(kind: IdentifierKind, identifier: string): string;
}
