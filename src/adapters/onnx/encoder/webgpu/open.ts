import type { Encoder } from '../../../../ports/encoder.js';
import { WorkerPool, type WorkerPoolOptions } from '../../../threads/index.js';
import { chunksOf } from '../chunks.js';
import type {
  DeviceFacts,
  DeviceRequest,
  DeviceResponse,
  DeviceWorkerSettings,
  EncodeRequest,
  EncoderWorkerSettings,
  TokenizedTexts,
  TokenizerWorkerSettings,
  TokenLists,
} from '../protocol.js';
import type { TokenShare } from '../tokenize.js';
import { ShapeQueues } from './shape-queues.js';
import { shapesFor } from './shapes.js';

/** Texts cut into tokens and queued together; while the device works on them, the next ones are cut. */
const TEXTS_A_SLICE = 4_096;

/** What an encoder at a device is opened with. */
export interface DeviceEncoderSettings extends EncoderWorkerSettings {
  readonly encoderId: string;
  /** Threads that cut texts into tokens. */
  readonly threads: number;
  /** Told of the tokens of what is embedded. */
  readonly onTokens: (share: TokenShare) => void;
  readonly onExit: NonNullable<WorkerPoolOptions['onExit']>;
}

/**
 * Opens the encoder at the graphics card: `threads` threads cut texts into tokens, one process runs the network, since a
 * driver may take its process down and the provider cannot serve two threads. Every text runs in the one shape that its
 * own length gives. Also resolves with what the device is.
 * Rejects with `encoder-device-unavailable`, `encoder-not-on-device` or `encoder-file-invalid`.
 * @param shapes fixed for a given encoder id
 */
export async function openWebgpuEncoder(
  { encoderId, threads, onTokens, onExit, ...settings }: DeviceEncoderSettings,
  shapes = shapesFor(settings.maxTokens),
): Promise<{ readonly encoder: Encoder; readonly facts: DeviceFacts }> {
  const { modelPath, tokenizerPath, pooling, textForm, prefix, maxTokens } = settings;
  const tokenizers = new WorkerPool<EncodeRequest, TokenizedTexts>({
    workerUrl: new URL('../tokenizer-worker.js', import.meta.url),
    size: threads,
    name: 'tokenizer',
    workerData: { tokenizerPath, textForm, prefix, maxTokens } satisfies TokenizerWorkerSettings,
    onExit,
  });
  const device = new WorkerPool<DeviceRequest, DeviceResponse>({
    workerUrl: new URL('./worker.js', import.meta.url),
    size: 1,
    kind: 'process',
    name: 'encoder',
    workerData: { modelPath, pooling, shapes } satisfies DeviceWorkerSettings,
    onExit,
  });
  const close = async () => {
    await Promise.all([tokenizers.close(), device.close()]);
  };
  try {
    await Promise.all([tokenizers.ready(), device.ready()]);
    const { dimensions, driver, cards } = (await device.run({ kind: 'about' })) as Exclude<
      DeviceResponse,
      Float32Array
    >;
    const queues = new ShapeQueues(
      shapes,
      (shapeIndex, texts) => device.run({ kind: 'encode', shapeIndex, ...texts }) as Promise<Float32Array>,
    );
    const encodeSlice = async (texts: readonly string[]) => {
      const lists = await Promise.all(chunksOf(texts, threads).map((chunk) => tokenizers.run({ texts: chunk })));
      lists.forEach(onTokens);
      return queues.encode(lists.flatMap(textsOf));
    };
    const encode = async (texts: readonly string[]) => (await Promise.all(slicesOf(texts).map(encodeSlice))).flat();
    return { encoder: { encoderId, dimensions, encode, close }, facts: { driver, cards } };
  } catch (failure) {
    await close();
    throw failure;
  }
}

function slicesOf(texts: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(texts.length / TEXTS_A_SLICE);
  return Array.from({ length: count }, (_, slice) => texts.slice(slice * TEXTS_A_SLICE, (slice + 1) * TEXTS_A_SLICE));
}

/** The ids of each text of a list. */
function textsOf({ ids, counts }: TokenLists): Int32Array[] {
  let at = 0;
  return Array.from(counts, (count) => ids.subarray(at, (at += count)));
}
