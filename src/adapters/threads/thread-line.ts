import { parentPort, Worker } from 'node:worker_threads';
import { SluiceError } from '../../errors.js';
import { type Doors, Line } from './line.js';
import { loaded, NativeGate, type ThreadData } from './native.js';
import { isWarned, passOnWarning, sendWarnings } from './warnings.js';
import { workerFile } from './worker-file.js';

/** How a thread on a line is started. */
export interface LineThreadOptions {
  /** `new URL('./worker.js', import.meta.url)`; code running from src/ starts the built file in dist/. */
  readonly workerUrl: URL;
  /** In errors and as the thread's name. */
  readonly name: string;
  /** What this end answers and hears. */
  readonly doors: Doors;
  /** Told once when the thread has ended, by itself or not; whatever was open is rejected with the same error before. */
  readonly onExit: (error: SluiceError) => void;
}

/** A thread and the line to it. */
export interface LineThread<Remote extends Doors> {
  readonly line: Line<Remote>;
  /** Ends the thread whatever it is doing; native code comes to its end first. */
  terminate(): Promise<void>;
}

/** Starts a thread whose file calls {@link lineToOwner}. Throws `file-unreadable` when the worker is not built. */
export function startLineThread<Remote extends Doors>(options: LineThreadOptions): LineThread<Remote> {
  const { workerUrl, name, doors, onExit } = options;
  const gate = new NativeGate();
  const started: ThreadData = { gate: gate.gate, data: undefined };
  const worker = new Worker(workerFile(workerUrl), { name, workerData: started });
  const line = new Line<Remote>(doors, (message, transfer) => worker.postMessage(message, transfer));
  /** The first thing that went wrong, told as the cause of the exit. */
  let fault: Error | undefined;
  worker.on('message', (message) => (isWarned(message) ? passOnWarning(message) : line.hear(message)));
  worker.on('messageerror', (error: Error) => (fault ??= error));
  worker.on('error', (error: Error) => (fault ??= error));
  worker.on('exit', (status) => {
    gate.forget();
    const error = new SluiceError('worker-exited', { worker: name, status }, fault && { cause: fault });
    line.end(error);
    onExit(error);
  });
  return {
    line,
    terminate: async () => {
      await gate.shut();
      await worker.terminate();
    },
  };
}

/** The thread's end of the line to whoever started it. Throws `bug` when called outside a thread. */
export function lineToOwner<Remote extends Doors>(doors: (line: Line<Remote>) => Doors): Line<Remote> {
  const port = parentPort;
  if (port === null) throw new SluiceError('bug', { why: 'lineToOwner() was called outside a worker thread' });
  loaded();
  const answered: Record<string, (question: never) => unknown> = {};
  const line = new Line<Remote>(answered, (message, transfer) => port.postMessage(message, transfer));
  Object.assign(answered, doors(line));
  port.on('message', (message) => line.hear(message));
  sendWarnings((warned) => port.postMessage(warned));
  return line;
}
