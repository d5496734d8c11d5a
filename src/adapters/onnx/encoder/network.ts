import ort from 'onnxruntime-node';
import { messageOf, SluiceError } from '../../../errors.js';

/** Token vectors of one text: Float32Array, tokens × dimensions, row-major. */
export interface TokenVectors {
  readonly values: Float32Array;
  readonly dimensions: number;
}

/** Runs one text's token ids through the network. Blocks its thread while it computes. */
export type Network = (ids: readonly number[]) => Promise<TokenVectors>;

type Feed = (ids: readonly number[]) => BigInt64Array;

/** What each input of a BERT-family network is fed for a single text without padding. */
const FEEDS: Readonly<Record<string, Feed>> = {
  input_ids: (ids) => BigInt64Array.from(ids, BigInt),
  attention_mask: (ids) => new BigInt64Array(ids.length).fill(1n),
  token_type_ids: (ids) => new BigInt64Array(ids.length),
};

/**
 * Opens an ONNX file on this thread, one core, and returns it as a function. The token vectors are the output
 * `last_hidden_state`, else the first output of three dimensions.
 * Throws `encoder-file-invalid` when the file does not load or has other inputs or outputs than a BERT-family encoder.
 */
export async function openNetwork(path: string): Promise<Network> {
  const refuse = (why: string, cause?: unknown) => new SluiceError('encoder-file-invalid', { path, why }, { cause });
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 }).catch(
    (thrown: unknown) => {
      throw refuse(messageOf(thrown), thrown);
    },
  );
  const unknown = session.inputNames.filter((name) => !Object.hasOwn(FEEDS, name));
  if (unknown.length > 0)
    throw refuse(`it wants input ${unknown.join(', ')}; known are ${Object.keys(FEEDS).join(', ')}`);
  const output =
    session.outputMetadata.find((one) => one.name === 'last_hidden_state') ??
    session.outputMetadata.find((one) => one.isTensor && one.shape.length === 3);
  if (output === undefined)
    throw refuse(`it has no output of one vector a token, only ${session.outputNames.join(', ')}`);
  return async (ids) => {
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of session.inputNames) feeds[name] = new ort.Tensor('int64', FEEDS[name]!(ids), [1, ids.length]);
    const tokens = (await session.run(feeds, [output.name]))[output.name];
    if (!(tokens?.data instanceof Float32Array) || tokens.dims.length !== 3) {
      throw refuse(`output ${output.name} is not a float32 tensor of [1, tokens, dimensions]`);
    }
    return { values: tokens.data, dimensions: tokens.dims[2]! };
  };
}
