import { expect, test } from 'vitest';
import { RecordingMetrics } from '../../src/adapters/memory/index.js';
import { countDeadLetters } from '../../src/app/count-dead-letters.js';
import { deadLetterToRecord } from '../../src/pipeline/route/dead-letter-record.js';
import type { NewRecord, PartitionLease, UnitOfWork } from '../../src/ports/transport.js';

const letter = (code: string, stage: string): NewRecord => ({
  topic: 'dead-letters',
  ...deadLetterToRecord({
    code,
    stage,
    reason: 'why',
    sourceTopic: 'in',
    sourcePartition: 0,
    sourceOffset: 7,
    itemIndex: null,
    refused: [{ code, reason: 'why', itemIndex: null }],
    refusedCount: 1,
    payload: new Uint8Array(1),
    payloadBytes: 1,
    payloadSha256: null,
    key: null,
    sourceTimeMs: 1,
  }),
});

const unit: UnitOfWork = {
  records: [
    letter('invalid-field', 'clean'),
    letter('invalid-field', 'clean'),
    letter('undecodable', 'decode'),
    { topic: 'training', key: null, value: new Uint8Array(1) },
  ],
  offsets: { impressions: 1, interactions: 1 },
  progress: '',
};

function leaseThat(commits: () => Promise<void>): PartitionLease {
  return {
    partition: 3,
    signal: new AbortController().signal,
    committed: () => Promise.reject(new Error('not asked for')),
    seek: () => Promise.resolve(),
    poll: () => Promise.resolve({ records: [], caughtUp: true }),
    commit: commits,
  };
}

test('dead letters are counted by code and stage once they are committed', async () => {
  const metrics = new RecordingMetrics();
  await countDeadLetters(
    leaseThat(() => Promise.resolve()),
    metrics,
  ).commit(unit);
  expect(metrics.total('sluice_dead_letters_total', { code: 'invalid-field', stage: 'clean' })).toBe(2);
  expect(metrics.total('sluice_dead_letters_total', { code: 'undecodable', stage: 'decode' })).toBe(1);
});

test('a commit that fails counts nothing', async () => {
  const metrics = new RecordingMetrics();
  const lease = countDeadLetters(
    leaseThat(() => Promise.reject(new Error('fenced'))),
    metrics,
  );
  await expect(lease.commit(unit)).rejects.toThrow('fenced');
  expect(metrics.total('sluice_dead_letters_total', { code: 'invalid-field', stage: 'clean' })).toBe(0);
});
