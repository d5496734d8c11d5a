import { SluiceError, whyOf } from '../../errors.js';
import type { CalibratedModel, CalibrationRequest, FitRequest, FittedModel, Trainer } from '../../ports/trainer.js';
import { WorkerPool } from './worker-pool.js';

/** How a trainer is made. */
export interface TrainerOptions {
  /** Worker threads, hence fits at a time. Default 1. */
  readonly size?: number;
  /** What one fit may take, `retrain.limits`; absent: what it needs. */
  readonly limits?: { readonly fitMs: number; readonly fitHeapMb: number };
  /** Which plugins the worker loads, as it understands it. Default: none. */
  readonly plugins?: unknown;
}

/** Fits in a row that may end their thread; a fit that is too large is tried again at the next trigger, on other rows. */
const MOST_DEATHS = 100;

/** What a worker thread is asked. */
export type TrainerAsk =
  | { readonly kind: 'fit'; readonly request: FitRequest }
  | { readonly kind: 'calibrate'; readonly request: CalibrationRequest };

/**
 * Fits on worker threads that run `app/trainer-worker.ts`. Rows are copied to the worker, so the caller may go on using them. An aborted fit ends its
 * thread at once, which is then started again; so does one beyond its limits, which rejects with `fit-failed`. Throws `file-unreadable` when the worker is not built.
 */
export function createTrainer({ size = 1, limits, plugins = null }: TrainerOptions = {}): Trainer {
  const pool = new WorkerPool<TrainerAsk, FittedModel | CalibratedModel | null>({
    workerUrl: new URL('../../app/trainer-worker.js', import.meta.url),
    size,
    name: 'trainer',
    maxRestarts: MOST_DEATHS,
    ...(limits && { resourceLimits: { maxOldGenerationSizeMb: limits.fitHeapMb } }),
    workerData: plugins,
  });
  return {
    async fit(request, signal) {
      const late = limits && AbortSignal.timeout(limits.fitMs);
      const either = late && signal ? AbortSignal.any([late, signal]) : (late ?? signal);
      try {
        return (await pool.run({ kind: 'fit', request }, { signal: either })) as FittedModel;
      } catch (error) {
        if (late?.aborted && !signal?.aborted)
          throw failed(request, `it took longer than retrain.limits.fitMs = ${limits!.fitMs}`);
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
  const isOutOfHeap =
    cause instanceof SluiceError &&
    (cause.cause as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const why = isOutOfHeap ? 'it needs more heap than retrain.limits.fitHeapMb allows' : whyOf(cause);
  return new SluiceError('fit-failed', { learner, rows: training.rowCount, why }, { cause });
}
