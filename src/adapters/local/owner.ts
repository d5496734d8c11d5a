import { randomBytes } from 'node:crypto';
import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { LogStore } from './log-store.js';

/** Who runs an application, as stored. */
export interface Owner {
  /** Grows by one with each claim: whoever holds an older one is fenced. */
  readonly epoch: number;
  /** Names one transport instance; null when nobody runs the application. */
  readonly token: string | null;
  readonly pid: number;
  /** Tells the process from a later one with the same id. */
  readonly processMark: string;
  /** Last sign of life, epoch milliseconds. */
  readonly beatMs: number;
}

/** An owner that is silent for longer than this may be taken over, even if its process is there. */
const SILENCE_LIMIT_MS = 15_000;

export interface OwnershipOptions {
  readonly application: string;
  readonly store: LogStore;
  readonly clock: Clock;
  readonly processMark: string;
  /** False when the owner's process has surely ended. */
  readonly lives: (owner: Owner) => boolean;
}

/** The right to run one application on a store: claimed, kept by signs of life, given back, and checked in each commit. */
export class Ownership {
  readonly #token = randomBytes(8).toString('hex');
  readonly #key: string;
  /** The claim we hold; 0 when none. */
  #epoch = 0;

  constructor(private readonly options: OwnershipOptions) {
    this.#key = `owner:${options.application}`;
  }

  /** Takes the application over from nobody, a dead owner or a silent one. Throws `store-in-use` while another one runs it. */
  claim(): void {
    const { application, store, clock, lives } = this.options;
    this.#epoch = store.write(() => {
      const owner = this.#stored();
      const silentMs = clock.nowMs() - (owner?.beatMs ?? 0);
      if (owner && owner.token !== null && silentMs <= SILENCE_LIMIT_MS && lives(owner)) {
        throw new SluiceError('store-in-use', { path: store.path, application, pid: owner.pid });
      }
      return this.#put((owner?.epoch ?? 0) + 1, this.#token);
    });
  }

  /** True while nobody has taken over. Inside a write the answer holds until its end. */
  isHeld(): boolean {
    const owner = this.#stored();
    return owner !== undefined && owner.epoch === this.#epoch && owner.token === this.#token;
  }

  /** Gives a sign of life; false when another one has taken over. */
  beat(): boolean {
    return this.options.store.write(() => {
      if (!this.isHeld()) return false;
      this.#put(this.#epoch, this.#token);
      return true;
    });
  }

  /** Gives the application back, if it is still ours. */
  release(): void {
    this.options.store.write(() => {
      if (this.isHeld()) this.#put(this.#epoch, null);
    });
  }

  #stored(): Owner | undefined {
    const stored = this.options.store.fact(this.#key);
    return stored === undefined ? undefined : (JSON.parse(stored) as Owner);
  }

  #put(epoch: number, token: string | null): number {
    const { store, clock, processMark } = this.options;
    const owner: Owner = { epoch, token, pid: process.pid, processMark, beatMs: clock.nowMs() };
    store.putFact(this.#key, JSON.stringify(owner));
    return epoch;
  }
}
