// Worker of the pool's tests: does what it is told. Uses the built serve(), as a worker file must be JavaScript.
import { isMainThread, threadId } from 'node:worker_threads';
import { openedWith, serve, Transferred } from '../../../dist/adapters/threads/index.js';
import { SluiceError } from '../../../dist/errors.js';

async function open() {
  if (openedWith()?.unstartable) throw new SluiceError('encoder-file-invalid', { path: 'model.onnx', why: 'torn' });
  return (request) => {
    switch (request.do) {
      case 'echo':
        return { value: request.value, workerId: isMainThread ? process.pid : threadId };
      case 'double':
        return new Transferred(
          request.values.map((value) => value * 2),
          [],
        );
      case 'give': {
        const values = new Float32Array([1, 2, 3]);
        return new Transferred(values, [values.buffer]);
      }
      case 'warn':
        return process.emitWarning('said in a worker', 'TestWarning');
      case 'refuse':
        throw new SluiceError('fit-failed', { learner: 'forest', rows: 3, why: 'only one class' });
      case 'fail':
        throw new RangeError('plain failure');
      case 'exit':
        return process.exit(7);
      case 'crash':
        return new Promise(() =>
          setImmediate(() => {
            throw new Error('uncaught in the worker');
          }),
        );
      case 'spin':
        for (;;);
      case 'unclonable':
        return () => 0;
      default:
        return undefined;
    }
  };
}

serve(open());
