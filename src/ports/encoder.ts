/** Turns text into unit vectors. A text's vector depends on the text alone, never on its batch; `encoderLaws` says so. */
export interface Encoder {
  /** Names model file, pooling, prefix and length: vectors of two ids are never compared. */
  readonly encoderId: string;
  readonly dimensions: number;
  /** One L2-normalised vector a text, in order. Texts longer than the model's limit are cut at it. Never blocks the event loop. */
  encode(texts: readonly string[]): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}
