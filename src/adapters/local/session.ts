import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { AssignmentListener, PartitionLease } from '../../ports/transport.js';
import type { Ownership } from './owner.js';

/** Signs of life this often. */
const BEAT_EVERY_MS = 1_000;

export interface SessionOptions {
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly listener: AssignmentListener;
  /** Done after every sign of life. */
  readonly upkeep: () => Promise<void>;
}

/** One membership in the application's group: from the claim until it is given back or lost. */
export class Session {
  readonly #ending = new AbortController();
  /** The owners of the leases, each until it is done. */
  #owners: Promise<void>[] = [];
  #beating: Promise<void> = Promise.resolve();

  constructor(private readonly options: SessionOptions) {}

  /** Aborted when the session ends, for whatever reason. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Hands the leases to the listener and starts to give signs of life. */
  start(leases: readonly PartitionLease[]): void {
    this.#owners = leases.map((lease) => this.#own(lease));
    this.#beating = this.#beat();
  }

  /** Ends because another one has taken over: aborts the leases and tells the listener, once. */
  lose(partition: number): SluiceError {
    const error = new SluiceError('fenced', { partition });
    this.fail(error);
    return error;
  }

  /** Ends because the transport cannot go on: aborts the leases and tells the listener, once. */
  fail(error: Error): void {
    if (this.signal.aborted) return;
    this.#ending.abort(error);
    this.options.listener.failed(error);
  }

  /** Aborts the leases, waits for their owners and gives the application back. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#owners, this.#beating]);
    this.options.ownership.release();
  }

  async #own(lease: PartitionLease): Promise<void> {
    await Promise.resolve();
    try {
      await this.options.listener.assigned(lease);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #beat(): Promise<void> {
    const { clock, ownership, upkeep } = this.options;
    try {
      while (await clock.sleep(BEAT_EVERY_MS, this.signal)) {
        if (ownership.beat()) await upkeep();
        else this.lose(0);
      }
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
