import type { ResourceLimits, Transferable } from 'node:worker_threads';
import { SluiceError } from '../../errors.js';
import { workerFile } from './worker-file.js';
import { WorkerProcess } from './worker-process.js';
import { WorkerThread, type ThreadListener } from './worker-thread.js';

/** How a pool of equal workers is made. */
export interface WorkerPoolOptions {
  /** `new URL('./worker.js', import.meta.url)`; code running from src/ starts the built file in dist/. */
  readonly workerUrl: URL;
  /** Number of workers. */
  readonly size: number;
  /** Whether each is a thread of this process (default) or a process of its own. */
  readonly kind?: 'thread' | 'process';
  /** In errors and thread names: `encoder` gives `encoder-0`, `encoder-1`, … */
  readonly name: string;
  /** What every worker gets from `openedWith()`; cloned, for a process as JSON. */
  readonly workerData?: unknown;
  readonly resourceLimits?: ResourceLimits;
  /** Threads started again in a row without one answer in between, before the pool gives up. Default 3. */
  readonly maxRestarts?: number;
  /** Told of every thread that ended by itself. */
  readonly onExit?: (error: SluiceError, willRestart: boolean) => void;
}

export interface RunOptions {
  /** Cancels: a waiting request is dropped, a running one ends its thread, which is then started again. */
  readonly signal?: AbortSignal | undefined;
  /** Buffers that move to the worker instead of being copied; unusable here afterwards. A process copies them. */
  readonly transfer?: readonly Transferable[];
}

interface Job<Request, Response> {
  readonly request: Request;
  readonly transfer: readonly Transferable[];
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to the caller's signal. */
  readonly release: () => void;
}

type State = 'starting' | 'idle' | 'busy' | 'stopping' | 'gone';

interface Slot<Request, Response> {
  readonly index: number;
  state: State;
  thread: WorkerThread<Request, Response> | WorkerProcess<Request, Response> | undefined;
  /** The request the thread is busy with. */
  job: Job<Request, Response> | undefined;
}

/**
 * Runs requests on worker threads, first come first served, one at a time a thread. The typed protocol is in
 * `protocol.ts`; the worker's file calls `serve(answer)`.
 * Guarantees: every `run` settles. It rejects with what the worker threw, with `worker-exited` when its thread ended, with
 * the signal's reason when cancelled, with AbortError after `close`. A thread that ends is started again, up to
 * `maxRestarts` times in a row; when no thread is left, everything waiting and every later `run` rejects with
 * `worker-exited`. The caller bounds how much it has waiting.
 */
export class WorkerPool<Request, Response> {
  private readonly file: URL;
  private readonly slots: Slot<Request, Response>[];
  private readonly waiting: Job<Request, Response>[] = [];
  private readonly starts: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  /** Threads that ended by themselves since the last answer of any. */
  private exitsInARow = 0;
  /** Why the last thread ended; what `run` rejects with when none is left. */
  private lastExit: SluiceError | undefined;
  private closed = false;

  /** Starts the threads. Throws `file-unreadable` when the worker is not built. */
  constructor(private readonly options: WorkerPoolOptions) {
    this.file = workerFile(options.workerUrl);
    this.slots = Array.from({ length: options.size }, (_, index) => ({
      index,
      state: 'gone',
      thread: undefined,
      job: undefined,
    }));
    for (const slot of this.slots) this.start(slot);
  }

  /** Number of requests running or waiting. */
  get pendingCount(): number {
    return this.waiting.length + this.slots.filter((slot) => slot.job !== undefined).length;
  }

  /** Resolves when every thread is up. Rejects with the worker's own error when one cannot start. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.starts.push({ resolve, reject });
      this.settleStarts();
    });
  }

  /** Runs one request on the first free thread. Rejections: see the class. */
  run(request: Request, options: RunOptions = {}): Promise<Response> {
    return new Promise<Response>((resolve, reject) => {
      const { signal, transfer = [] } = options;
      if (signal?.aborted) return reject(signal.reason);
      if (this.closed) return reject(closedError(this.options.name));
      if (this.isSpent()) return reject(this.exitError());
      const abort = () => this.cancel(job, signal?.reason);
      const release = () => signal?.removeEventListener('abort', abort);
      const job: Job<Request, Response> = { request, transfer, resolve, reject, release };
      signal?.addEventListener('abort', abort, { once: true });
      this.waiting.push(job);
      this.dispatch();
    });
  }

  /** Ends all threads and rejects what is pending with AbortError. Idempotent. */
  async close(): Promise<void> {
    this.closed = true;
    const error = closedError(this.options.name);
    for (const job of this.waiting.splice(0)) settle(job, () => job.reject(error));
    const endings = this.slots.map(async (slot) => {
      finish(slot, (job) => job.reject(error));
      if (slot.state !== 'gone') slot.state = 'stopping';
      await slot.thread?.terminate();
    });
    for (const start of this.starts.splice(0)) start.reject(error);
    await Promise.all(endings);
  }

  private start(slot: Slot<Request, Response>): void {
    slot.state = 'starting';
    const { kind, name, workerData, resourceLimits } = this.options;
    const settings = { file: this.file, name: `${name}-${slot.index}`, workerData, resourceLimits };
    const listener: ThreadListener<Response> = {
      ready: () => {
        if (slot.state !== 'starting') return;
        slot.state = 'idle';
        this.settleStarts();
        this.dispatch();
      },
      done: (response) => this.answered(slot, (job) => job.resolve(response)),
      failed: (error) => this.answered(slot, (job) => job.reject(error)),
      exited: (error) => this.exited(slot, error),
    };
    slot.thread = kind === 'process' ? new WorkerProcess(settings, listener) : new WorkerThread(settings, listener);
  }

  private dispatch(): void {
    for (const slot of this.slots) {
      while (slot.state === 'idle' && slot.thread !== undefined) {
        const job = this.waiting.shift();
        if (job === undefined) return;
        try {
          slot.thread.ask(job.request, job.transfer);
          slot.job = job;
          slot.state = 'busy';
        } catch (unclonable) {
          settle(job, () => job.reject(unclonable));
        }
      }
    }
  }

  private answered(slot: Slot<Request, Response>, tell: (job: Job<Request, Response>) => void): void {
    if (slot.state !== 'busy') return;
    this.exitsInARow = 0;
    slot.state = 'idle';
    finish(slot, tell);
    this.dispatch();
  }

  private cancel(job: Job<Request, Response>, reason: unknown): void {
    const at = this.waiting.indexOf(job);
    if (at >= 0) this.waiting.splice(at, 1);
    const slot = this.slots.find((candidate) => candidate.job === job);
    if (slot !== undefined) {
      slot.job = undefined;
      slot.state = 'stopping';
      void slot.thread?.terminate();
    }
    settle(job, () => job.reject(reason));
  }

  private exited(slot: Slot<Request, Response>, error: SluiceError): void {
    const asked = slot.state === 'stopping';
    const failedToStart = slot.state === 'starting';
    slot.state = 'gone';
    slot.thread = undefined;
    finish(slot, (job) => job.reject(error));
    if (this.closed) return;
    if (!asked) {
      this.lastExit = error;
      this.exitsInARow++;
    }
    const willRestart = asked || this.exitsInARow <= (this.options.maxRestarts ?? 3);
    if (willRestart) this.start(slot);
    if (!asked) this.options.onExit?.(error, willRestart);
    if (failedToStart) for (const start of this.starts.splice(0)) start.reject(error.cause ?? error);
    if (this.isSpent()) for (const job of this.waiting.splice(0)) settle(job, () => job.reject(error));
  }

  private isSpent(): boolean {
    return this.slots.every((slot) => slot.state === 'gone');
  }

  private exitError(): SluiceError {
    return this.lastExit ?? new SluiceError('worker-exited', { worker: this.options.name, status: 0 });
  }

  private settleStarts(): void {
    if (this.closed) for (const start of this.starts.splice(0)) start.reject(closedError(this.options.name));
    else if (this.slots.every((slot) => slot.state !== 'starting')) {
      const gone = this.slots.some((slot) => slot.state === 'gone');
      for (const start of this.starts.splice(0)) {
        if (gone) start.reject(this.exitError().cause ?? this.exitError());
        else start.resolve();
      }
    }
  }
}

function finish<Request, Response>(slot: Slot<Request, Response>, tell: (job: Job<Request, Response>) => void): void {
  const job = slot.job;
  slot.job = undefined;
  if (job !== undefined) settle(job, () => tell(job));
}

function settle<Request, Response>(job: Job<Request, Response>, tell: () => void): void {
  job.release();
  tell();
}

function closedError(name: string): DOMException {
  return new DOMException(`worker pool ${name} is closed`, 'AbortError');
}
