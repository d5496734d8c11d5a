import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drain, eventually, joined, pause, readAll, record, texts, unit } from '../../laws/transport-fixture.js';
import { ended, nextMessage, StoreFolder } from './store-fixture.js';

const PATIENCE_MS = 20_000;
let folder: StoreFolder;

beforeEach(async () => {
  folder = await StoreFolder.make();
});
afterEach(() => folder.remove());

describe('several processes on one store', () => {
  it('kill −9 loses nothing that was committed, and never half a commit', async () => {
    for (let round = 0; round < 5; round++) {
      const child = folder.child('commit');
      let told = 0;
      child.on('message', (message) => (told = Number(message)));
      await nextMessage(child);
      await pause(20 + 37 * round);
      child.kill('SIGKILL');
      await ended(child);

      const transport = folder.open();
      await transport.prepare();
      const committed = (await transport.committedAll()).get(0)!;
      const last = Number(committed.progress);
      expect(last).toBeGreaterThanOrEqual(told);
      expect(committed.offsets).toEqual({ impressions: last, interactions: last });
      const reader = await transport.reader(['training'], 'earliest', 0);
      const found = texts(await readAll(reader, PATIENCE_MS)).map((text) => text!.replace(/\.+$/, ''));
      // Each round's child counts from one again.
      const batches = found.slice(-20 * last);
      expect(batches).toEqual(Array.from({ length: 20 * last }, (_, k) => `${Math.floor(k / 20) + 1}/${k % 20}`));
      expect(found.length % 20).toBe(0);
      await transport.close();
    }
  });

  it('a second run of the same application is refused while the first one lives, and takes over at once when it is killed', async () => {
    const child = folder.child('hold');
    expect(await nextMessage(child)).toBe('joined');
    const transport = folder.open();
    await transport.prepare();
    await expect(joined(transport)).rejects.toMatchObject({
      code: 'store-in-use',
      details: { pid: child.pid, application: 'app', path: folder.store },
    });
    child.kill('SIGKILL');
    await ended(child);
    const member = await joined(transport);
    const lease = await eventually(() => member.leases.get(0), 'assigned', PATIENCE_MS);
    await lease.commit(unit({ impressions: 0, interactions: 0 }));
  });

  it('another application on the same store is not refused and has positions of its own', async () => {
    const child = folder.child('hold');
    expect(await nextMessage(child)).toBe('joined');
    const transport = folder.open({ application: 'other' });
    await transport.prepare();
    const member = await joined(transport);
    const lease = await eventually(() => member.leases.get(0), 'assigned', PATIENCE_MS);
    await lease.commit(unit({ impressions: 5, interactions: 5 }));
    expect((await folder.open().committedAll()).get(0)).toEqual({
      offsets: { impressions: 0, interactions: 0 },
      progress: null,
    });
  });

  it('a poll that waits is woken by what another process appends, also when the store grows by much', async () => {
    const transport = folder.open();
    await transport.prepare();
    const member = await joined(transport);
    const lease = await eventually(() => member.leases.get(0), 'assigned', PATIENCE_MS);
    const waiting = lease.poll('impressions', 1, PATIENCE_MS);
    const child = folder.child('append', '3000');
    expect((await waiting).records).toHaveLength(1);
    await ended(child);
    expect(await drain(lease, 'impressions', PATIENCE_MS)).toHaveLength(2_999);
    await transport.append([record('impressions', 'after', { partition: 0 })]);
    expect(texts(await drain(lease, 'impressions', PATIENCE_MS))).toEqual(['after']);
  });
});
