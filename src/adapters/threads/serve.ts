import { parentPort, workerData, type Transferable } from 'node:worker_threads';
import { SluiceError } from '../../errors.js';
import { loaded, type ThreadData } from './native.js';
import { imageOf, type Answer, type Ask } from './protocol.js';
import { sendWarnings } from './warnings.js';

/** What a worker does with one request. Called for one request at a time. */
export type Answerer<Request, Response> = (
  request: Request,
) => Response | Transferred<Response> | Promise<Response | Transferred<Response>>;

/** A response whose buffers move to the main thread instead of being copied. */
export class Transferred<Response> {
  constructor(
    readonly response: Response,
    readonly buffers: readonly Transferable[],
  ) {}
}

/** A worker's line to its owner: the port of its thread, or the channel of its process. */
interface Line {
  post(answer: unknown, buffers: readonly Transferable[]): void;
  listen(hear: (ask: unknown) => void): void;
  close(): void;
}

/** The `workerData` that a pool gave this worker, in a thread or in a process. */
export function openedWith<Data>(): Data {
  if (parentPort !== null) return (workerData as ThreadData).data as Data;
  return JSON.parse(process.argv[2] ?? 'null') as Data;
}

/**
 * The worker's side of a `WorkerPool`: `serve(answer)`, or `serve(open(openedWith()))` when opening takes a promise.
 * What `answer` throws rejects that one `run`, as a `SluiceError` when it was one; when opening fails, the pool's
 * `ready()` rejects with that error and the worker ends.
 * Throws `bug` when called outside a worker.
 */
export function serve<Request, Response>(
  answering: Answerer<Request, Response> | Promise<Answerer<Request, Response>>,
): void {
  loaded();
  const line = parentPort === null ? processLine() : threadLine(parentPort);
  const post = (answer: Answer<Response>, buffers: readonly Transferable[] = []) => line.post(answer, buffers);
  sendWarnings(post);
  const respond = async (answer: Answerer<Request, Response>, { askId, request }: Ask<Request>) => {
    try {
      const given = await answer(request);
      if (given instanceof Transferred) post({ kind: 'done', askId, response: given.response }, given.buffers);
      else post({ kind: 'done', askId, response: given });
    } catch (thrown) {
      post({ kind: 'failed', askId, error: imageOf(thrown) });
    }
  };
  Promise.resolve(answering).then(
    (answer) => {
      line.listen((ask) => void respond(answer, ask as Ask<Request>));
      post({ kind: 'ready' });
    },
    (thrown: unknown) => {
      post({ kind: 'unstartable', error: imageOf(thrown) });
      line.close();
    },
  );
}

function threadLine(port: NonNullable<typeof parentPort>): Line {
  return {
    post: (answer, buffers) => port.postMessage(answer, buffers),
    listen: (hear) => port.on('message', hear),
    close: () => port.close(),
  };
}

/**
 * The channel to the parent process. The end of the parent ends this one; a signal from the terminal does not, since
 * the parent may still want answers while it drains.
 */
function processLine(): Line {
  if (process.send === undefined) throw new SluiceError('bug', { why: 'serve() was called outside a worker' });
  const send = process.send.bind(process);
  process.once('disconnect', () => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  return {
    post: (answer) => send(answer),
    listen: (hear) => process.on('message', hear),
    close: () => process.disconnect(),
  };
}
