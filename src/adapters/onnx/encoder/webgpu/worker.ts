/** The process at the graphics card: token ids into vectors, in batches of fixed shapes. */
import { env } from 'node:process';
import { messageOf, SluiceError } from '../../../../errors.js';
import { openedWith, serve, Transferred, type Answerer } from '../../../threads/index.js';
import { writeUnit } from '../pooling.js';
import type { DeviceRequest, DeviceResponse, DeviceWorkerSettings, TokenLists } from '../protocol.js';
import { deviceFacts, hasCard } from './device-facts.js';
import { checkPlacement } from './placement.js';
import { deviceFault, onWebgpu, requireProvider } from './session.js';
import type { BatchShape } from './shapes.js';
import { openSummingNetwork, type SummingNetwork, type WeightedBatch } from './summing-network.js';

serve(open(openedWith()));

async function open(settings: DeviceWorkerSettings): Promise<Answerer<DeviceRequest, DeviceResponse>> {
  const { modelPath, shapes, pooling } = settings;
  const network = await openOnDevice(modelPath);
  const facts = deviceFacts();
  const longest = shapes.at(-1)!.tokens;
  const { dimensions } = await network.run(emptyBatch({ rows: 1, tokens: longest })).catch((thrown: unknown) => {
    const why = `a text of ${longest} tokens fails, which encoder.maxTokens asks for: ${messageOf(thrown)}`;
    throw new SluiceError('encoder-file-invalid', { path: modelPath, why }, { cause: thrown });
  });
  return async (request) => {
    if (request.kind === 'about') return { ...facts, dimensions };
    const vectors = await vectorsOf(network, shapes[request.shapeIndex]!, request, { pooling, dimensions });
    return new Transferred(vectors, [vectors.buffer]);
  };
}

/** Opens the network where there is a device for it, and nowhere else. */
async function openOnDevice(path: string): Promise<SummingNetwork> {
  requireProvider();
  try {
    const output = await checkPlacement(path);
    if (!hasCard() && env['VK_DRIVER_FILES'] === undefined && env['VK_ICD_FILENAMES'] === undefined) {
      const why = `there is no graphics card, and the driver ${deviceFacts().driver} computes on the CPU; VK_DRIVER_FILES does not ask for it`;
      throw new SluiceError('encoder-device-unavailable', { device: 'webgpu', why });
    }
    return await openSummingNetwork(path, output, onWebgpu());
  } catch (thrown) {
    throw deviceFault(thrown);
  }
}

/** Vectors of texts, in full batches of one shape; rows without a text hold one padding token. */
async function vectorsOf(
  network: SummingNetwork,
  shape: BatchShape,
  { ids, counts }: TokenLists,
  { pooling, dimensions }: { readonly pooling: 'mean' | 'cls'; readonly dimensions: number },
): Promise<Float32Array<ArrayBuffer>> {
  const vectors = new Float32Array(counts.length * dimensions);
  let at = 0;
  for (let first = 0; first < counts.length; first += shape.rows) {
    const batch = emptyBatch(shape);
    const texts = counts.subarray(first, first + shape.rows);
    for (const [row, count] of texts.entries()) {
      const start = row * shape.tokens;
      for (let token = 0; token < count; token++) batch.ids[start + token] = BigInt(ids[at++]!);
      batch.mask.fill(1n, start, start + count);
      // The mean is a sum scaled to unit length.
      batch.weights.fill(1, start, start + (pooling === 'cls' ? 1 : count));
    }
    const { sums } = await network.run(batch);
    for (const [row, count] of texts.entries()) {
      const sum = sums.subarray(row * dimensions, (row + 1) * dimensions);
      if (!writeUnit(sum, vectors, (first + row) * dimensions)) {
        throw new SluiceError('encoder-failed', { why: `a text of ${count} tokens has a vector of no finite length` });
      }
    }
  }
  return vectors;
}

/** A batch without texts. One token a row counts, so that no row's attention is a mean over nothing. */
function emptyBatch({ rows, tokens }: BatchShape): WeightedBatch {
  const mask = new BigInt64Array(rows * tokens);
  for (let row = 0; row < rows; row++) mask[row * tokens] = 1n;
  return { rows, tokens, ids: new BigInt64Array(rows * tokens), mask, weights: new Float32Array(rows * tokens) };
}
