import type { Config } from '../../../config/schema.js';
import type { TokenShare } from './tokenize.js';

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

/** What became of the texts. */
export interface EncodeResponse extends TokenShare {
  /** Float32Array, texts × dimensions, row-major, each row of unit length. */
  readonly vectors: Float32Array<ArrayBuffer>;
}
