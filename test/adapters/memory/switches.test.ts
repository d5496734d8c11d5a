import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, MemoryTransport, type MemoryLog } from '../../../src/adapters/memory/index.js';
import type { PartitionLease } from '../../../src/ports/transport.js';
import { joined, record, texts, topicsConfig, unit, type Member } from '../../laws/transport-fixture.js';

const NOTHING = { impressions: 0, interactions: 0 };
let clock: ManualClock;
let transport: MemoryTransport;
let member: Member;
let lease: PartitionLease;

beforeEach(async () => {
  clock = new ManualClock();
  transport = new MemoryTransport({ application: 'app', topics: topicsConfig(1, 't.'), clock });
  await transport.prepare();
  await transport.append([record('impressions', 'one'), record('impressions', 'two')]);
  member = await joined(transport);
  await clock.advance(0);
  lease = member.leases.get(0)!;
});

const trained = async () => texts(await (await transport.reader(['training'], 'earliest')).poll(0));

describe('switches of the memory transport', () => {
  it('end aborts the leases and tells the listener', async () => {
    transport.end(new Error('gone'));
    expect(lease.signal.aborted).toBe(true);
    expect(member.failures).toMatchObject([{ message: 'gone' }]);
  });

  it('abort fences: commits are refused', async () => {
    transport.abort();
    await expect(lease.commit(unit(NOTHING))).rejects.toMatchObject({ code: 'fenced' });
    expect(member.failures).toMatchObject([{ code: 'fenced' }]);
  });

  it('paused polls wait, bring nothing, and claim nothing', async () => {
    transport.pause();
    const poll = lease.poll('impressions', 1_000, 100);
    await clock.advance(100);
    expect(await poll).toEqual({ records: [], caughtUp: false });
    const resumed = lease.poll('impressions', 1_000, 100);
    await clock.advance(10);
    transport.resume();
    expect(texts((await resumed).records)).toEqual(['one', 'two']);
  });

  it('slow polls and commits take their time', async () => {
    transport.slow(500);
    let isDone = false;
    const commit = lease.commit(unit(NOTHING)).then(() => (isDone = true));
    await clock.advance(499);
    expect(isDone).toBe(false);
    await clock.advance(1);
    await commit;
  });

  it('a failed commit leaves nothing, the one after it stands', async () => {
    transport.failCommit();
    const work = unit({ impressions: 1, interactions: 0 }, [record('training', 'v')], 'p');
    await expect(lease.commit(work)).rejects.toMatchObject({ code: 'store-failed' });
    expect([await trained(), (await lease.committed()).progress]).toEqual([[], null]);
    await lease.commit(work);
    expect([await trained(), (await lease.committed()).progress]).toEqual([['v'], 'p']);
  });

  it('a commit whose answer is lost stands', async () => {
    transport.loseCommitAnswer(new Error('no answer'));
    await expect(
      lease.commit(unit({ impressions: 1, interactions: 0 }, [record('training', 'v')], 'p')),
    ).rejects.toThrow('no answer');
    expect([await trained(), (await lease.committed()).progress]).toEqual([['v'], 'p']);
  });

  it('a second transport on the log takes over, and the first learns of it', async () => {
    const log: MemoryLog = transport.log;
    const second = await joined(new MemoryTransport({ application: 'app', topics: topicsConfig(1, 't.'), clock, log }));
    await clock.advance(1_000);
    expect(lease.signal.aborted).toBe(true);
    expect(second.leases.get(0)?.signal.aborted).toBe(false);
  });
});
