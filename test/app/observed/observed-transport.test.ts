import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ManualClock,
  MemoryLog,
  MemoryTransport,
  RecordingMetrics,
  noMetrics,
} from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { ErrorCount } from '../../../src/app/observed/error-count.js';
import { ObservedTransport } from '../../../src/app/observed/observed-transport.js';
import { SluiceError } from '../../../src/errors.js';
import { checkpointRecords } from '../../../src/pipeline/checkpoint/pack.js';
import type { PartitionLease, Transport } from '../../../src/ports/transport.js';
import { joined, record, topicsConfig, unit, type Member } from '../../laws/transport-fixture.js';
import { transportLaws } from '../../laws/transport-laws.js';

const inners = new WeakMap<Transport, MemoryTransport>();

transportLaws('observed', async (application, topics) => {
  const log = new MemoryLog();
  return {
    open: async () => {
      const inner = new MemoryTransport({ application, topics, clock: systemClock, log });
      const errors = new ErrorCount(noMetrics);
      const transport = new ObservedTransport(inner, { metrics: noMetrics, errors, clock: systemClock });
      inners.set(transport, inner);
      return transport;
    },
    failNextCommit: (transport) => inners.get(transport)!.failCommit(),
    dispose: async () => undefined,
  };
});

const LOOK_MS = 5_000;
const NOTHING = { impressions: 0, interactions: 0 };

describe('what an observed transport records', () => {
  let clock: ManualClock;
  let inner: MemoryTransport;
  let transport: ObservedTransport;
  let metrics: RecordingMetrics;
  let member: Member;
  let lease: PartitionLease;

  const lag = (topic: string, unit = 'records') =>
    metrics.latest(`sluice_input_lag_${unit}`, { topic, partition: '0' });
  const fetch = async () => lease.poll('impressions', 1_000, 0);

  beforeEach(async () => {
    clock = new ManualClock();
    metrics = new RecordingMetrics();
    inner = new MemoryTransport({ application: 'app', topics: topicsConfig(1, 't.'), clock });
    transport = new ObservedTransport(inner, { metrics, errors: new ErrorCount(metrics), clock });
    await transport.prepare();
    await transport.append([record('impressions', 'one'), record('impressions', 'three'), record('training', 'four')]);
    member = await joined(transport);
    await clock.advance(0);
    lease = member.leases.get(0)!;
    await lease.committed();
    await lease.seek(NOTHING);
  });
  afterEach(() => transport.close());

  it('records and bytes in and out, by topic', async () => {
    await fetch();
    await lease.commit(unit({ impressions: 2, interactions: 0 }, [record('audit', 'seven'), record('audit', 'x')]));
    const of = (name: string, topic: string) => metrics.total(`sluice_${name}_total`, { topic });
    expect([of('input_records', 'impressions'), of('input_bytes', 'impressions')]).toEqual([2, 8]);
    expect(of('input_records', 'interactions')).toBe(0);
    expect([of('output_records', 'training'), of('output_bytes', 'training')]).toEqual([1, 4]);
    expect([of('output_records', 'audit'), of('output_bytes', 'audit')]).toEqual([2, 6]);
  });

  it('commits by result, with the time and the records of each that went through', async () => {
    await fetch();
    await clock.advance(2_000);
    inner.failCommit();
    const moved = unit({ impressions: 2, interactions: 0 });
    await expect(lease.commit(moved)).rejects.toMatchObject({ code: 'store-failed' });
    await lease.commit(moved);
    expect(metrics.observed('sluice_batch_records')).toEqual([2]);
    expect(metrics.observed('sluice_batch_seconds')).toEqual([2]);
    expect(metrics.observed('sluice_commit_seconds')).toEqual([0]);
    expect(metrics.latest('sluice_last_commit_seconds')).toBe(clock.nowMs() / 1000);
    inner.abort();
    await expect(lease.commit(moved)).rejects.toMatchObject({ code: 'fenced' });
    const results = ['committed', 'failed', 'fenced'].map((result) =>
      metrics.total('sluice_commits_total', { result }),
    );
    expect(results).toEqual([1, 1, 1]);
  });

  it('the lag is what lies between the commit and the end, and 0 once all of it is committed', async () => {
    const beganMs = clock.nowMs();
    await fetch();
    await clock.advance(LOOK_MS);
    expect([lag('impressions'), lag('interactions')]).toEqual([2, 0]);
    expect(lag('impressions', 'seconds')).toBe((clock.nowMs() - beganMs) / 1000);
    await lease.commit(unit({ impressions: 1, interactions: 0 }));
    await clock.advance(LOOK_MS);
    expect(lag('impressions')).toBe(1);
    await lease.commit(unit({ impressions: 2, interactions: 0 }));
    await clock.advance(LOOK_MS);
    expect([lag('impressions'), lag('impressions', 'seconds')]).toEqual([0, 0]);
    await transport.append([record('impressions', 'new')]);
    await clock.advance(LOOK_MS);
    expect(lag('impressions')).toBe(1);
  });

  it('what a restore reads again is counted apart', async () => {
    await fetch();
    await lease.commit(unit({ impressions: 2, interactions: 0 }));
    await transport.append([record('impressions', 'new')]);
    await lease.committed();
    await lease.seek(NOTHING);
    await fetch();
    expect(metrics.total('sluice_restored_records_total')).toBe(2);
    expect(metrics.total('sluice_input_records_total')).toBe(3);
  });

  it('a checkpoint, once its last chunk is committed, and again to whoever restores from it', async () => {
    const chunks = [new Uint8Array(5), new Uint8Array(2)];
    const checkpoint = { checkpointId: 1, chunks, sha256: '', bytes: 7 };
    await lease.commit(unit(NOTHING, checkpointRecords({ application: 'app', partition: 0 }, checkpoint, 0, 1)));
    expect(metrics.latest('sluice_checkpoint_bytes')).toBeUndefined();
    await clock.advance(3_000);
    await lease.commit(unit(NOTHING, checkpointRecords({ application: 'app', partition: 0 }, checkpoint, 1, 2)));
    const writtenMs = clock.nowMs();
    expect(metrics.latest('sluice_checkpoint_bytes', { partition: '0' })).toBe(7);
    expect(metrics.observed('sluice_checkpoint_seconds')).toEqual([3]);
    metrics.forget({ partition: '0' });
    await clock.advance(60_000);
    const reader = await transport.reader(['checkpoints'], 'earliest', 0);
    await reader.poll(0);
    expect(metrics.latest('sluice_checkpoint_created_seconds', { partition: '0' })).toBe(writtenMs / 1000);
    await reader.close();
  });

  it('partitions taken and given back; what one exported ends with it', async () => {
    await fetch();
    await lease.commit(unit({ impressions: 1, interactions: 0 }));
    await clock.advance(LOOK_MS);
    const rebalances = (direction: string) => metrics.total('sluice_rebalances_total', { direction });
    expect([rebalances('taken'), rebalances('given-back')]).toEqual([1, 0]);
    expect(metrics.latest('sluice_partitions')).toBe(1);
    expect(metrics.latest('sluice_input_partitions')).toBe(1);
    await transport.leave();
    expect([rebalances('taken'), rebalances('given-back')]).toEqual([1, 1]);
    expect(metrics.latest('sluice_partitions')).toBe(0);
    expect(metrics.measurements.filter(({ kind, labels }) => kind === 'gauge' && 'partition' in labels)).toEqual([]);
    await clock.advance(2 * LOOK_MS);
    expect(lag('impressions')).toBeUndefined();
  });

  it('an error counts once by its code, however often it comes by; an abort is none', async () => {
    const errors = new ErrorCount(metrics);
    const fault = new SluiceError('store-failed', { path: 'p', why: 'full' });
    for (let time = 0; time < 2; time++) await expect(errors.around(() => Promise.reject(fault))).rejects.toBe(fault);
    errors.note(new TypeError('x is undefined'));
    errors.note(new DOMException('stopped', 'AbortError'));
    const counted = metrics.measurements.filter(({ name }) => name === 'sluice_errors_total');
    expect(counted.map(({ labels }) => labels['code'])).toEqual(['store-failed', 'bug']);
    inner.failCommit();
    await expect(lease.commit(unit(NOTHING))).rejects.toThrow();
    expect(metrics.total('sluice_errors_total', { code: 'store-failed' })).toBe(2);
  });
});
