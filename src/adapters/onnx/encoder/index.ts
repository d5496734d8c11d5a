import type { Config } from '../../../config/schema.js';
import type { Encoder } from '../../../ports/encoder.js';
import type { Logger } from '../../../ports/logger.js';
import type { Metrics } from '../../../ports/metrics.js';
import { WorkerPool } from '../../threads/index.js';
import { mannerOf } from './built-in.js';
import { chunksOf } from './chunks.js';
import { encoderIdOf } from './encoder-id.js';
import { verifiedFiles } from './files.js';
import { encodedOnce } from './in-flight.js';
import type { EncodeRequest, EncodeResponse, EncoderWorkerSettings } from './protocol.js';
import { UnknownTokens } from './unknown-tokens.js';

export interface EncoderDependencies {
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/**
 * Opens the text encoder of the config: verifies its files, starts `encoder.threads` workers of one session each, and
 * embeds a first text to learn the dimensions. The event loop only cuts texts into requests and copies vectors out.
 * Rejects with `encoder-file-invalid` (path and remedy inside) when a file is missing, differs from its checksum, or is
 * no BERT-family encoder. `encode` rejects with `encoder-failed` or `worker-exited` (both transient), or with AbortError
 * once closed; a worker that ends is started again within bounds, logged and counted.
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
  const pool = new WorkerPool<EncodeRequest, EncodeResponse>({
    workerUrl: new URL('./worker.js', import.meta.url),
    size: threads,
    name: 'encoder',
    workerData,
    onExit: (error, willRestart) => {
      const worker = String(error.details['worker']);
      logger.warn('encoder worker ended', { code: error.code, worker, willRestart, why: error.message });
      if (willRestart) metrics?.count('sluice_worker_restarts_total', 1, { worker });
    },
  });
  const unknownTokens = new UnknownTokens(settings.model, logger, metrics);
  try {
    await pool.ready();
    const dimensions = (await pool.run({ texts: [''] })).vectors.length;
    return encodedOnce({
      encoderId: encoderIdOf(files, settings),
      dimensions,
      encode: async (texts) => {
        const chunks = chunksOf(texts, threads);
        const answers = await Promise.all(chunks.map((chunk) => pool.run({ texts: chunk })));
        // A copy each: a view would keep its whole chunk alive for as long as a cache holds one vector of it.
        for (const answer of answers) unknownTokens.note(answer);
        return answers.flatMap(({ vectors }, chunk) =>
          chunks[chunk]!.map((_, row) => vectors.slice(row * dimensions, (row + 1) * dimensions)),
        );
      },
      close: () => pool.close(),
    });
  } catch (failure) {
    await pool.close();
    throw failure;
  }
}
