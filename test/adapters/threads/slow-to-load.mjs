/** A worker whose code takes a while to load, and says where it is: 1 begun, 2 loaded. */
import { openedWith, serve } from '../../../dist/adapters/threads/serve.js';

const where = new Int32Array(openedWith());
Atomics.store(where, 0, 1);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
Atomics.store(where, 0, 2);
serve(() => null);
