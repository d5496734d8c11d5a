import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../../errors.js';
import { errorOf, type Answer, type Ask } from './protocol.js';
import { passOnWarning } from './warnings.js';
import type { ThreadListener, ThreadSettings } from './worker-thread.js';

/** Bytes kept of what a process last wrote to stderr; they explain a death that no exception tells of. */
const KEPT_STDERR = 2_000;

/**
 * A worker in a process of its own, with the interface of a worker thread: for native code that may take its process
 * down, or that cannot be loaded by two threads. `workerData` travels as JSON; buffers are copied, never moved.
 * What it writes to stdout is dropped, the end of its stderr stands in the error of its exit. It ends when the process
 * that started it does.
 */
export class WorkerProcess<Request, Response> {
  private readonly child: ChildProcess;
  private readonly exit: Promise<void>;
  /** Number of requests sent so far; the id of the one in flight. */
  private askId = 0;
  private isEnding = false;
  /** The first thing that went wrong, told as the cause of the exit. */
  private fault: Error | undefined;
  private stderr = '';

  constructor(
    settings: Omit<ThreadSettings, 'resourceLimits'>,
    private readonly listener: ThreadListener<Response>,
  ) {
    this.child = fork(fileURLToPath(settings.file), [JSON.stringify(settings.workerData ?? null)], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-KEPT_STDERR);
    });
    this.child.on('message', (answer) => this.heard(answer as Answer<Response>));
    this.child.on('error', (error) => (this.fault ??= error));
    this.exit = new Promise((resolve) => {
      // `close` comes after `exit`, once stderr is read to its end; a process that never started has no `exit`.
      this.child.once('close', (status, signal) => {
        const said = this.stderr.trim();
        this.fault ??= said === '' ? undefined : new Error(said);
        const details = { worker: settings.name, status: status ?? signal ?? 'unknown' };
        listener.exited(new SluiceError('worker-exited', details, this.fault && { cause: this.fault }));
        resolve();
      });
    });
  }

  /** Sends one request. Throws what cannot be cloned; the process is then still free. */
  ask(request: Request): void {
    const ask: Ask<Request> = { askId: ++this.askId, request };
    // A channel that is closed already shows as the exit of the process.
    this.child.send(ask, () => undefined);
    this.holds(true);
  }

  /** Ends the process whatever it is doing. */
  async terminate(): Promise<void> {
    this.isEnding = true;
    this.holds(true);
    this.child.kill('SIGKILL');
    await this.exit;
  }

  private heard(answer: Answer<Response>): void {
    switch (answer.kind) {
      case 'warned':
        return passOnWarning(answer);
      case 'ready':
        return this.settled(() => this.listener.ready());
      case 'unstartable':
        this.fault ??= errorOf(answer.error);
        return undefined;
      case 'done':
        if (answer.askId === this.askId) this.settled(() => this.listener.done(answer.response));
        return undefined;
      case 'failed':
        if (answer.askId === this.askId) this.settled(() => this.listener.failed(errorOf(answer.error)));
        return undefined;
    }
  }

  private settled(tell: () => void): void {
    // Whoever waits for its end must not find the process over before.
    if (!this.isEnding) this.holds(false);
    tell();
  }

  /** Whether this worker keeps the process alive: only while it starts or works. */
  private holds(working: boolean): void {
    const turn = working ? 'ref' : 'unref';
    this.child[turn]();
    this.child.channel?.[turn]();
    // A pipe to a child is a socket, though its type does not say so.
    (this.child.stderr as { ref?(): void; unref?(): void } | null)?.[turn]?.();
  }
}
