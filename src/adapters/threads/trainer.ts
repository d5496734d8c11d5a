import { messageOf, SluiceError } from '../../errors.js';
import type { CalibratedModel, CalibrationRequest, FitRequest, FittedModel, Trainer } from '../../ports/trainer.js';
import { WorkerPool } from './worker-pool.js';

/** How a trainer is made. */
export interface TrainerOptions {
  /** Worker threads, hence fits at a time. Default 1. */
  readonly size?: number;
}

/** What a worker thread is asked. */
export type TrainerAsk =
  | { readonly kind: 'fit'; readonly request: FitRequest }
  | { readonly kind: 'calibrate'; readonly request: CalibrationRequest };

/**
 * Fits on worker threads that run `app/trainer-worker.ts`. Rows are copied to the worker, so the caller may go on using them. An aborted fit ends its
 * thread at once, which is then started again. Throws `file-unreadable` when the worker is not built.
 */
export function createTrainer({ size = 1 }: TrainerOptions = {}): Trainer {
  const pool = new WorkerPool<TrainerAsk, FittedModel | CalibratedModel | null>({
    workerUrl: new URL('../../app/trainer-worker.js', import.meta.url),
    size,
    name: 'trainer',
  });
  return {
    async fit(request, signal) {
      try {
        return (await pool.run({ kind: 'fit', request }, { signal })) as FittedModel;
      } catch (error) {
        throw isExpected(error, signal) ? error : failed(request, error);
      }
    },
    calibrate: async (request, signal) =>
      (await pool.run({ kind: 'calibrate', request }, { signal })) as CalibratedModel | null,
    close: () => pool.close(),
  };
}

function isExpected(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted && error === signal.reason) return true;
  if (error instanceof SluiceError) return error.code === 'fit-failed';
  return error instanceof Error && error.name === 'AbortError';
}

function failed({ learner, training }: FitRequest, cause: unknown): SluiceError {
  const why = cause instanceof SluiceError ? cause.reason : messageOf(cause);
  return new SluiceError('fit-failed', { learner, rows: training.rowCount, why }, { cause });
}
