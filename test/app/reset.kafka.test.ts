import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resetApplication } from '../../src/app/reset.js';
import { brokers } from '../adapters/kafka/fixture.js';
import { resetDeps, World } from './fixture.js';
import { startSluice } from './process-child.js';

describe('sluice reset on Kafka', () => {
  const world = new World((name) => {
    const application = `${name}-${randomUUID().slice(0, 8)}`;
    // As long as a reset waits for a member that may be dead.
    const transport = { kind: 'kafka', brokers: brokers(), sessionTimeoutMs: 6_000 } as const;
    return { application, transport, topics: { prefix: `${application}.`, partitions: 2 } };
  });
  afterAll(() => world.remove());

  it('of an application that runs is refused, and takes nothing from it; once it was killed it goes through', async () => {
    const application = world.application();
    const { config } = application;
    const file = join(world.folder, 'running.json');
    writeFileSync(file, JSON.stringify({ ...config, log: { level: 'info' } }));
    await application.withTransport(() => Promise.resolve());
    const child = startSluice(['run', '--config', file]);
    try {
      await child.said('partitions assigned');
      const reset = (): Promise<unknown> =>
        application.withTransport((transport) => resetApplication(config, transport, 'end', resetDeps()));
      await expect(reset()).rejects.toMatchObject({ code: 'group-in-use' });
      child.signal('SIGKILL');
      expect((await child.ended).stderr).not.toContain('partition given back');
      expect(await reset()).toHaveLength(2);
    } finally {
      child.signal('SIGKILL');
      await child.ended;
    }
  });
});
