import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startRun, type RunChild } from '../../../src/lab/chaos/child.js';
import { Owner, brokers, world, type World } from './fixture.js';

/** Longer than the test may take: nobody waits for the end of a session. */
const SESSION_MS = 1_500_000;
const PARTITIONS = 3;

let current: World | undefined;
let child: RunChild | undefined;
let folder: string | undefined;
afterEach(async () => {
  child?.kill();
  await child?.ended;
  await current?.closeAll();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  current = child = folder = undefined;
});

test.runIf(process.platform === 'linux')(
  'a start after kill −9 does not wait for the session of the process that was killed',
  async () => {
    current = world(PARTITIONS);
    folder = mkdtempSync(join(tmpdir(), 'sluice-predecessor-'));
    const file = join(folder, 'config.yaml');
    const { application, topics } = current.config;
    writeFileSync(
      file,
      JSON.stringify({
        application,
        topics: { prefix: topics.prefix, partitions: PARTITIONS },
        transport: { kind: 'kafka', brokers: brokers(), sessionTimeoutMs: SESSION_MS, stuckAfterMs: 2 * SESSION_MS },
        privacy: { keyFile: join(folder, 'pseudonym.key') },
        encoder: { enabled: false },
        http: { enabled: 'off' },
      }),
    );
    child = startRun(file, { untilEnd: false, logLevel: 'info' });
    await child.joined;
    child.kill();
    await child.ended;

    const next = current.open({ sessionTimeoutMs: SESSION_MS });
    await next.prepare();
    const owner = new Owner();
    await next.join(owner);
    await owner.until(({ live, failures }) => live.length === PARTITIONS || failures.length > 0);
    expect(owner.failures).toEqual([]);
  },
);
