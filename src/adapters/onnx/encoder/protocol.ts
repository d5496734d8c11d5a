import type { Config } from '../../../config/schema.js';

/** What an encoder worker is opened with (`workerData`). */
export interface EncoderWorkerSettings extends Pick<Config['encoder'], 'prefix' | 'maxTokens'> {
  readonly pooling: 'mean' | 'cls';
  readonly textForm: 'as-is' | 'nfkc';
  /** Verified path of the ONNX file. */
  readonly modelPath: string;
  /** Verified path of its tokenizer.json. */
  readonly tokenizerPath: string;
}

/** Texts to embed; each goes through the network alone. */
export interface EncodeRequest {
  readonly texts: readonly string[];
}

/** Float32Array, texts × dimensions, row-major, each row of unit length. */
export type EncodeResponse = Float32Array<ArrayBuffer>;
