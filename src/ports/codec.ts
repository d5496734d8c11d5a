import type { Headers } from './transport.js';

/**
 * Bytes to records and back, one codec a topic. Decoding is synchronous so that a batch stays one tight loop; whatever a
 * codec must fetch first (a schema by its id) it fetches in {@link Codec.prepare}.
 */
export interface Codec<T> {
  /** Wire format as named in the config: `json`, `avro`, `confluent`. */
  readonly format: string;
  /**
   * Makes `encode` possible where that needs somebody else (a schema registered), once; absent where it needs nobody. A
   * codec that only decodes is never made ready. Rejects with `schema-registry-unreachable` or `schema-incompatible`.
   */
  ready?(): Promise<void>;
  /** Fetches what decoding these values needs; undefined when nothing is missing. Throws `schema-registry-unreachable`. */
  prepare(values: readonly (Uint8Array | null)[]): Promise<void> | undefined;
  /** Throws {@link SluiceError} of class `data` (`undecodable`, `schema-unknown`) on bytes that can never be read. */
  decode(value: Uint8Array): T;
  encode(record: T): Uint8Array;
  /** What the headers of a record say of its value; absent where they say nothing. Of a codec with `ready`, after that. */
  headers?(): Headers;
}
