import { expect, it } from 'vitest';
import { MemoryTransport } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { resetApplication } from '../../src/app/reset.js';
import type { AssignmentListener } from '../../src/ports/transport.js';
import { configOf } from '../pipeline/kit.js';
import { resetDeps } from './fixture.js';

it('a reset that somebody joins ends with group-in-use, and does not wait for the partitions they keep', async () => {
  const config = configOf({ topics: { partitions: 2 } });
  const { application, topics } = config;
  class Joined extends MemoryTransport {
    private isJoined = false;

    override join(listener: AssignmentListener): Promise<void> {
      this.isJoined = true;
      return super.join({
        ...listener,
        failed: (error) => listener.failed(error),
        assigned: async (lease) => (lease.partition === 0 ? listener.assigned(lease) : undefined),
      });
    }

    override othersInGroup(): Promise<readonly string[]> {
      return Promise.resolve(this.isJoined ? ['a run that starts'] : []);
    }
  }
  const transport = new Joined({ application, topics, clock: systemClock });
  await expect(resetApplication(config, transport, 'end', resetDeps())).rejects.toMatchObject({
    code: 'group-in-use',
    message: expect.stringContaining('a run that starts') as string,
  });
  await transport.close();
});
