import { deadLetterFromRecord } from '../pipeline/route/dead-letter-record.js';
import type { Metrics } from '../ports/metrics.js';
import type { NewRecord, PartitionLease } from '../ports/transport.js';

/** The same lease, with every dead letter of a commit that went through counted by code and stage. */
export function countDeadLetters(lease: PartitionLease, metrics: Metrics): PartitionLease {
  return {
    partition: lease.partition,
    signal: lease.signal,
    committed: () => lease.committed(),
    seek: (offsets) => lease.seek(offsets),
    poll: (...asked) => lease.poll(...asked),
    async commit(unit) {
      await lease.commit(unit);
      for (const record of unit.records) if (record.topic === 'dead-letters') countOne(record, metrics);
    },
  };
}

function countOne({ key, value, headers }: NewRecord, metrics: Metrics): void {
  const { code, stage } = deadLetterFromRecord({ key, value, headers: headers ?? {}, timestampMs: 0 });
  metrics.count('sluice_dead_letters_total', 1, { code, stage });
}
