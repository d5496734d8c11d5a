import type { Config } from '../../../config/schema.js';
import type { TokenShare } from './tokenize.js';
import type { BatchShape } from './webgpu/shapes.js';

/** What an encoder worker is opened with. */
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

/** What a tokenizer worker is opened with. */
export type TokenizerWorkerSettings = Pick<
  EncoderWorkerSettings,
  'tokenizerPath' | 'textForm' | 'prefix' | 'maxTokens'
>;

/** Token ids of some texts, one text behind the other. */
export interface TokenLists {
  readonly ids: Int32Array<ArrayBuffer>;
  /** Number of ids of each text. */
  readonly counts: Int32Array<ArrayBuffer>;
}

/** What the process at a device is opened with. */
export interface DeviceWorkerSettings extends Pick<EncoderWorkerSettings, 'modelPath' | 'pooling'> {
  readonly shapes: readonly BatchShape[];
}

/** A tokenizer worker's answer. */
export type TokenizedTexts = TokenLists & TokenShare;

/** Texts of one shape, or a question about the device. */
export type DeviceRequest =
  | (TokenLists & {
      readonly kind: 'encode';
      /** Which of the shapes they all run in. */
      readonly shapeIndex: number;
    })
  | { readonly kind: 'about' };

/** What runs the network: the driver that was loaded and the cards that the system lists. */
export interface DeviceFacts {
  readonly driver: string;
  readonly cards: string;
}

/** Float32Array, texts × dimensions, row-major, each row of unit length. */
export type DeviceVectors = Float32Array<ArrayBuffer>;

export type DeviceResponse = DeviceVectors | (DeviceFacts & { readonly dimensions: number });
