// Thread of the tests of a line: does what it is asked. Uses the built code, as a worker file must be JavaScript.
import { inNative, lineToOwner } from '../../../dist/adapters/threads/index.js';

lineToOwner((owner) => ({
  double: async (n) => 2 * (await owner.ask('number', n)),
  warn: (text) => process.emitWarning(text, 'TestWarning'),
  exit: (status) => process.exit(status),
  crash: () =>
    setImmediate(() => {
      throw new Error('uncaught in the thread');
    }),
  // The second call comes after the owner has asked for the end, for it waits for the first.
  native: async (words) => {
    const inside = new Int32Array(words);
    const call = async () => {
      Atomics.add(inside, 0, 1);
      Atomics.notify(inside, 0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      Atomics.add(inside, 1, 1);
    };
    await inNative(call);
    await inNative(call);
  },
  never: () => new Promise(() => undefined),
}));
