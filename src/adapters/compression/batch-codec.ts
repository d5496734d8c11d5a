/** Packs and unpacks the records of one batch. */
export interface BatchCodec {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * The unpacked bytes. Memory stays within `maxBytes`, the packed bytes and a constant.
   * @throws UnpacksTooLarge beyond `maxBytes`; any other error for bytes that are damaged
   */
  decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array>;
}

/** Unpacking was given up at a limit. */
export class UnpacksTooLarge extends Error {
  override readonly name = 'UnpacksTooLarge';

  constructor(readonly maxBytes: number) {
    super(`unpacks to more than ${maxBytes} bytes`);
  }
}
