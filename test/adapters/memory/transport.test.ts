import { MemoryLog, MemoryTransport } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import type { Transport } from '../../../src/ports/transport.js';
import { transportLaws } from '../../laws/transport-laws.js';

transportLaws('memory', async (application, topics) => {
  const log = new MemoryLog();
  return {
    open: async () => new MemoryTransport({ application, topics, clock: systemClock, log }),
    failNextCommit: (transport: Transport) => (transport as MemoryTransport).failCommit(),
    dispose: async () => undefined,
  };
});
