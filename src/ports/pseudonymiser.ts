/** Keyed one-way names for people. Raw identifiers never leave the processor. */
export interface Pseudonymiser {
  readonly keyId: string;
  /** HMAC-SHA256(key, identifier), first 128 bits, hex. */
  pseudonym(identifier: string): string;
}
