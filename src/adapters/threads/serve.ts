import { parentPort, type Transferable } from 'node:worker_threads';
import { SluiceError } from '../../errors.js';
import { imageOf, type Answer, type Ask } from './protocol.js';

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

/**
 * The worker's side of a `WorkerPool`: `serve(answer)`, or `serve(open(workerData))` when opening takes a promise.
 * What `answer` throws rejects that one `run`, as a `SluiceError` when it was one; when opening fails, the pool's
 * `ready()` rejects with that error and the worker ends.
 * Throws `bug` when called outside a worker thread.
 */
export function serve<Request, Response>(
  answering: Answerer<Request, Response> | Promise<Answerer<Request, Response>>,
): void {
  const port = parentPort;
  if (port === null) throw new SluiceError('bug', { why: 'serve() was called outside a worker thread' });
  const post = (answer: Answer<Response>, buffers: readonly Transferable[] = []) => port.postMessage(answer, buffers);
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
      port.on('message', (ask: Ask<Request>) => void respond(answer, ask));
      post({ kind: 'ready' });
    },
    (thrown: unknown) => {
      post({ kind: 'unstartable', error: imageOf(thrown) });
      port.close();
    },
  );
}
