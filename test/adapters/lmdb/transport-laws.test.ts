import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbTransport } from '../../../src/adapters/lmdb/index.js';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { configSchema } from '../../../src/config/schema.js';
import { transportLaws } from '../../laws/transport-laws.js';

transportLaws('lmdb', async (application, topics) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-laws-'));
  const { transport } = configSchema.parse({ transport: { path: join(folder, 'store') } });
  /** Instances opened later see the signs of life of earlier ones as this old. */
  let aheadMs = 0;
  return {
    open: async () => {
      const skewMs = aheadMs;
      const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + skewMs };
      return lmdbTransport({ application, topics, transport, clock, logger: silentLogger });
    },
    silence: () => {
      aheadMs += 60_000;
    },
    dispose: () => rm(folder, { recursive: true }),
  };
});
