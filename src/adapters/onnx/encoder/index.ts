import type { Config } from '../../../config/schema.js';
import type { SluiceError } from '../../../errors.js';
import type { Encoder } from '../../../ports/encoder.js';
import type { Logger } from '../../../ports/logger.js';
import type { Metrics } from '../../../ports/metrics.js';
import { WorkerPool } from '../../threads/index.js';
import { knownDimensions, mannerOf } from './built-in.js';
import { chunksOf, longestFirst } from './chunks.js';
import { encoderIdOf } from './encoder-id.js';
import { verifiedFiles } from './files.js';
import { encodedOnce } from './in-flight.js';
import type { EncodeRequest, EncodeResponse, EncoderWorkerSettings } from './protocol.js';
import type { TokenShare } from './tokenize.js';
import { UnknownTokens } from './unknown-tokens.js';
import { openWebgpuEncoder } from './webgpu/open.js';

export interface EncoderDependencies {
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/**
 * Opens the text encoder of the config: verifies its files, starts `encoder.threads` workers of one session each (or, at
 * a graphics card, one process), and embeds a first text to learn the dimensions. Those of a built-in model are known: on the
 * CPU its workers start beside whatever the caller does, and the first texts wait for them. The event loop only cuts texts
 * into requests and copies vectors out. What the encoder runs on is logged.
 * Rejects with `encoder-file-invalid` (path and remedy inside) when a file is missing, differs from its checksum, or is
 * no BERT-family encoder, with `encoder-device-unavailable` without the device of the config, with
 * `encoder-not-on-device` when part of the network would run elsewhere. `encode` rejects with `encoder-failed` or
 * `worker-exited` (both transient), or with AbortError once closed; a worker that ends is started again within bounds,
 * logged and counted.
 */
export async function openEncoder(
  settings: Config['encoder'],
  { logger, metrics }: EncoderDependencies,
): Promise<Encoder> {
  const files = await verifiedFiles(settings);
  const { prefix, maxTokens, threads } = settings;
  const workerData: EncoderWorkerSettings = {
    modelPath: files.model.path,
    tokenizerPath: files.tokenizer.path,
    ...mannerOf(settings),
    prefix,
    maxTokens,
  };
  const encoderId = encoderIdOf(files, settings);
  const onExit = (error: SluiceError, willRestart: boolean) => {
    const worker = String(error.details['worker']);
    logger.warn('encoder worker ended', { code: error.code, worker, willRestart, why: error.message });
    if (willRestart) metrics?.count('sluice_worker_restarts_total', 1, { worker });
  };
  const unknownTokens = new UnknownTokens(settings.model, logger, metrics);
  const onTokens = (share: TokenShare) => unknownTokens.note(share);
  if (settings.device === 'webgpu') {
    const { encoder, facts } = await openWebgpuEncoder({ ...workerData, encoderId, threads, onTokens, onExit });
    logger.info('encoder opened', { encoderId, device: settings.device, ...facts });
    return encodedOnce(encoder);
  }
  const pool = new WorkerPool<EncodeRequest, EncodeResponse>({
    workerUrl: new URL('./worker.js', import.meta.url),
    size: threads,
    name: 'encoder',
    workerData,
    onExit,
  });
  const started = (async () => {
    await pool.ready();
    const { vectors } = await pool.run({ texts: [''] });
    logger.info('encoder opened', { encoderId, device: settings.device, threads });
    return vectors.length;
  })();
  // Told to whoever waits for it: the first texts, where nobody does here.
  started.catch(() => undefined);
  try {
    const dimensions = knownDimensions(settings) ?? (await started);
    return encodedOnce({
      encoderId,
      dimensions,
      encode: async (texts) => {
        await started;
        const order = longestFirst(texts);
        const chunks = chunksOf(
          order.map((index) => texts[index]!),
          threads,
        );
        const answers = await Promise.all(chunks.map((chunk) => pool.run({ texts: chunk })));
        answers.forEach(onTokens);
        const rows = answers.flatMap((answer) => rowsOf(answer.vectors, dimensions));
        const vectors: Float32Array[] = [];
        order.forEach((index, row) => (vectors[index] = rows[row]!));
        return vectors;
      },
      close: () => pool.close(),
    });
  } catch (failure) {
    await pool.close();
    throw failure;
  }
}

/** A copy of each row: a view would keep its whole chunk alive for as long as a cache holds one vector of it. */
function rowsOf(vectors: Float32Array, dimensions: number): Float32Array[] {
  return Array.from({ length: vectors.length / dimensions }, (_, row) =>
    vectors.slice(row * dimensions, (row + 1) * dimensions),
  );
}
