import { transportLaws } from '../../laws/transport-laws.js';
import type { Transport } from '../../../src/ports/transport.js';
import { openTransport } from './fixture.js';

transportLaws(
  'kafka',
  (application, topics) => {
    const opened: Transport[] = [];
    return Promise.resolve({
      open: () => {
        const transport = openTransport(application, topics);
        opened.push(transport);
        return Promise.resolve(transport);
      },
      dispose: async () => {
        await Promise.all(opened.map((transport) => transport.close()));
      },
    });
  },
  { patienceMs: 120_000, timeoutMs: 600_000, joinMs: 180 },
);
