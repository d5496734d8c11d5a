import { Worker, type ResourceLimits, type Transferable } from 'node:worker_threads';
import { SluiceError } from '../../errors.js';
import { errorOf, type Answer, type Ask } from './protocol.js';
import { NativeGate, type ThreadData } from './native.js';
import { passOnWarning } from './warnings.js';

/** How one worker thread is started. */
export interface ThreadSettings {
  readonly file: URL;
  /** In errors and as the thread's name: `encoder-0`. */
  readonly name: string;
  readonly workerData: unknown;
  readonly resourceLimits: ResourceLimits | undefined;
}

/** What a thread tells its owner. `exited` comes last and exactly once, with `worker-exited` (its cause, if any, inside). */
export interface ThreadListener<Response> {
  ready(): void;
  done(response: Response): void;
  failed(error: Error): void;
  exited(error: SluiceError): void;
}

/** One worker thread and the one request it is busy with. It keeps the process alive only while it starts or works. */
export class WorkerThread<Request, Response> {
  private readonly worker: Worker;
  private readonly gate = new NativeGate();
  /** Number of requests posted so far; the id of the one in flight. */
  private askId = 0;
  private isEnding = false;
  /** The first thing that went wrong, told as the cause of the exit. */
  private fault: Error | undefined;

  constructor(
    settings: ThreadSettings,
    private readonly listener: ThreadListener<Response>,
  ) {
    this.worker = new Worker(settings.file, {
      name: settings.name,
      workerData: { gate: this.gate.gate, data: settings.workerData } satisfies ThreadData,
      ...(settings.resourceLimits && { resourceLimits: settings.resourceLimits }),
    });
    this.worker.on('message', (answer: Answer<Response>) => this.heard(answer));
    this.worker.on('messageerror', (error: Error) => this.settled(() => listener.failed(error)));
    this.worker.on('error', (error: Error) => (this.fault ??= error));
    this.worker.on('exit', (status) => {
      this.gate.forget();
      const details = { worker: settings.name, status };
      listener.exited(new SluiceError('worker-exited', details, this.fault && { cause: this.fault }));
    });
  }

  /** Posts one request. Throws what cannot be cloned; the thread is then still free. */
  ask(request: Request, transfer: readonly Transferable[]): void {
    const ask: Ask<Request> = { askId: ++this.askId, request };
    this.worker.postMessage(ask, transfer);
    this.worker.ref();
  }

  /** Ends the thread whatever it is doing, even a synchronous loop; native code comes to its end first. */
  async terminate(): Promise<void> {
    this.isEnding = true;
    await this.gate.shut();
    await this.worker.terminate();
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
    if (!this.isEnding) this.worker.unref();
    tell();
  }
}
