import ort from 'onnxruntime-node';
import { messageOf, SluiceError } from '../../../errors.js';
import { openSession } from '../open-session.js';

/** Token vectors: Float32Array, rows × tokens × dimensions, row-major. */
export interface TokenVectors {
  readonly values: Float32Array;
  readonly dimensions: number;
}

/** Texts as the network takes them: rows × tokens, row-major, padded to the same length. */
export interface TokenBatch {
  readonly rows: number;
  readonly tokens: number;
  readonly ids: BigInt64Array;
  /** 1 where a token stands, 0 where padding does. */
  readonly mask: BigInt64Array;
}

/** A BERT-family network, opened. `run` blocks its thread while it computes. */
export interface Network {
  /** Name of the output that holds the token vectors. */
  readonly output: string;
  run(batch: TokenBatch): Promise<TokenVectors>;
  /** Frees what it holds, on a device too. */
  dispose(): Promise<void>;
}

/** What each input of a BERT-family network is fed. */
const FEEDS: Readonly<Record<string, (batch: TokenBatch) => BigInt64Array>> = {
  input_ids: ({ ids }) => ids,
  attention_mask: ({ mask }) => mask,
  token_type_ids: ({ ids }) => new BigInt64Array(ids.length),
};

/** One core of the CPU. */
const ONE_CORE: ort.InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1 };

/**
 * Opens an ONNX file on this thread. The token vectors are the output `last_hidden_state`, else the first output of
 * three dimensions. Without options it runs on one core of the CPU.
 * Throws `encoder-file-invalid` when the file does not load or has other inputs or outputs than a BERT-family encoder.
 */
export async function openNetwork(
  path: string,
  options: ort.InferenceSession.SessionOptions = ONE_CORE,
): Promise<Network> {
  const refuse = (why: string, cause?: unknown) => new SluiceError('encoder-file-invalid', { path, why }, { cause });
  const session = await openSession(path, options).catch((thrown: unknown) => {
    throw refuse(messageOf(thrown), thrown);
  });
  const unknown = session.inputNames.filter((name) => !Object.hasOwn(FEEDS, name));
  if (unknown.length > 0)
    throw refuse(`it wants input ${unknown.join(', ')}; known are ${Object.keys(FEEDS).join(', ')}`);
  const output =
    session.outputMetadata.find((one) => one.name === 'last_hidden_state') ??
    session.outputMetadata.find((one) => one.isTensor && one.shape.length === 3);
  if (output === undefined)
    throw refuse(`it has no output of one vector a token, only ${session.outputNames.join(', ')}`);
  return {
    output: output.name,
    run: async (batch) => {
      const vectors = (await session.run(feedsOf(session.inputNames, batch), [output.name]))[output.name];
      if (!(vectors?.data instanceof Float32Array) || vectors.dims.length !== 3) {
        throw refuse(`output ${output.name} is not a float32 tensor of [texts, tokens, dimensions]`);
      }
      return { values: vectors.data, dimensions: vectors.dims[2]! };
    },
    dispose: () => session.release(),
  };
}

/** Tensors for the named inputs, those of {@link FEEDS} only. */
export function feedsOf(inputNames: readonly string[], batch: TokenBatch): Record<string, ort.Tensor> {
  const dims = [batch.rows, batch.tokens];
  return Object.fromEntries(inputNames.map((name) => [name, new ort.Tensor('int64', FEEDS[name]!(batch), dims)]));
}

/** One text without padding. */
export function textAlone(ids: readonly number[]): TokenBatch {
  return {
    rows: 1,
    tokens: ids.length,
    ids: BigInt64Array.from(ids, BigInt),
    mask: new BigInt64Array(ids.length).fill(1n),
  };
}
