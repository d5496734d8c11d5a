// Thread of the tests of a line: does what it is asked. Uses the built code, as a worker file must be JavaScript.
import { lineToOwner } from '../../../dist/adapters/threads/index.js';

lineToOwner((owner) => ({
  double: async (n) => 2 * (await owner.ask('number', n)),
  warn: (text) => process.emitWarning(text, 'TestWarning'),
  exit: (status) => process.exit(status),
  crash: () =>
    setImmediate(() => {
      throw new Error('uncaught in the thread');
    }),
  never: () => new Promise(() => undefined),
}));
