/** Fast non-cryptographic 32-bit hash of a text's UTF-8 bytes, as an unsigned integer. Same text and seed, same number, on every machine. */
export type Hash32 = (text: string, seed: number) => number;
