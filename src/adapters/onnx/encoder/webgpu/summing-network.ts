import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';
import { messageOf, SluiceError } from '../../../../errors.js';
import { appendNodes } from '../../writer/index.js';
import { feedsOf, type TokenBatch } from '../network.js';
import { openSession } from '../../open-session.js';

/** Which token vectors of each row are added up. */
const WEIGHTS = 'appended_weights';
const SUMS = 'appended_sums';

/** A batch, and the weight of every token vector in its row's sum: rows × tokens. */
export interface WeightedBatch extends TokenBatch {
  readonly weights: Float32Array;
}

/** An encoder that adds up its token vectors where it computes them, so that one vector a text is read back. */
export interface SummingNetwork {
  /** The weighted sum of each row's token vectors: rows × dimensions, row-major. It blocks its thread while it computes. */
  run(batch: WeightedBatch): Promise<{ readonly sums: Float32Array; readonly dimensions: number }>;
  dispose(): Promise<void>;
}

/**
 * Opens an ONNX file with one more operator at its end: weights times token vectors, a matrix product a row.
 * Throws `encoder-file-invalid` when that does not load.
 * @param output name of the output that holds the token vectors, in float32
 */
export async function openSummingNetwork(
  path: string,
  output: string,
  options: ort.InferenceSession.SessionOptions,
): Promise<SummingNetwork> {
  const file = appendNodes(readFileSync(path), {
    nodes: [{ operator: 'MatMul', inputs: [WEIGHTS, output], outputs: [SUMS] }],
    inputs: [{ name: WEIGHTS, dims: ['rows', 1, 'tokens'] }],
    outputs: [{ name: SUMS, dims: ['rows', 1, 'dimensions'] }],
  });
  const session = await openSession(file, options).catch((thrown: unknown) => {
    throw new SluiceError('encoder-file-invalid', { path, why: messageOf(thrown) }, { cause: thrown });
  });
  const inputNames = session.inputNames.filter((name) => name !== WEIGHTS);
  return {
    run: async (batch) => {
      const weights = new ort.Tensor('float32', batch.weights, [batch.rows, 1, batch.tokens]);
      const answer = (await session.run({ ...feedsOf(inputNames, batch), [WEIGHTS]: weights }, [SUMS]))[SUMS]!;
      return { sums: answer.data as Float32Array, dimensions: answer.dims[2]! };
    },
    dispose: () => session.release(),
  };
}
