import { isMainThread, workerData } from 'node:worker_threads';
import { setTimeout } from 'node:timers/promises';

/*
 * A thread that is ended while it is inside onnxruntime ends the whole process: the library cannot hand out its answer, and
 * aborts (SIGABRT, "FATAL ERROR … napi"). So an end waits at a gate that the thread shuts behind itself on the way in. It is
 * inside from its start, since loading the library is a call into it, too ("terminate called …", Napi::Error).
 */

/** Where the two words of a gate stand. */
const INSIDE = 0;
const ENDING = 1;
const LOOK_EVERY_MS = 2;
/** A call takes milliseconds, a batch of long texts in a large model seconds; after this the end does not wait any more. */
const PATIENCE_MS = 60_000;

/** What a thread is started with: its gate, and what its own code is given. */
export interface ThreadData {
  readonly gate: SharedArrayBuffer;
  readonly data: unknown;
}

/** The owner's side of the gate of one thread. Shut by itself when the process exits, which ends all threads. */
export class NativeGate {
  private static readonly open = new Set<NativeGate>();
  readonly gate = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  private readonly words = new Int32Array(this.gate);

  constructor() {
    Atomics.store(this.words, INSIDE, 1);
    if (NativeGate.open.size === 0) process.once('exit', NativeGate.shutAll);
    NativeGate.open.add(this);
  }

  /** Lets the thread into no native call from now on, and waits for those that it is in. */
  async shut(): Promise<void> {
    Atomics.store(this.words, ENDING, 1);
    for (let waitedMs = 0; Atomics.load(this.words, INSIDE) > 0 && waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS)
      await setTimeout(LOOK_EVERY_MS);
    this.forget();
  }

  /** The thread has ended, wherever it was. */
  forget(): void {
    Atomics.store(this.words, INSIDE, 0);
    NativeGate.open.delete(this);
    if (NativeGate.open.size === 0) process.off('exit', NativeGate.shutAll);
  }

  private static readonly shutAll = (): void => {
    const words = [...NativeGate.open].map((gate) => gate.words);
    for (const each of words) Atomics.store(each, ENDING, 1);
    const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    for (let waitedMs = 0; words.some((each) => Atomics.load(each, INSIDE) > 0) && waitedMs < PATIENCE_MS;) {
      Atomics.wait(pause, 0, 0, LOOK_EVERY_MS);
      waitedMs += LOOK_EVERY_MS;
    }
  };
}

const gate = isMainThread ? undefined : (workerData as Partial<ThreadData> | null)?.gate;
let isLoaded = false;
const words = gate instanceof SharedArrayBuffer ? new Int32Array(gate) : undefined;

/** Says, once, that the thread has loaded its code. */
export function loaded(): void {
  if (words !== undefined && !isLoaded) Atomics.sub(words, INSIDE, 1);
  isLoaded = true;
}

/** A call into native code that must not be cut short. Never settles where the thread is about to be ended. */
export async function inNative<T>(call: () => Promise<T>): Promise<T> {
  if (words === undefined) return call();
  Atomics.add(words, INSIDE, 1);
  // Said first, looked at second, as the owner does: one of the two sees the other.
  const isEnding = Atomics.load(words, ENDING) === 1;
  try {
    if (!isEnding) return await call();
  } finally {
    Atomics.sub(words, INSIDE, 1);
  }
  return new Promise<never>(() => undefined);
}
