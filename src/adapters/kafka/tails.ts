import type { Kafka } from 'kafkajs';
import { SluiceError } from '../../errors.js';
import type { InputTail, InputTails } from '../../ports/transport.js';
import { openCluster } from './client.js';
import type { Committer } from './committer.js';
import { Fetcher } from './fetcher.js';
import { KafkaLease } from './lease.js';
import type { OffsetLookup } from './offsets.js';
import { numberedCount, placeOf, placesTold } from '../../config/input-places.js';
import { inputTopics, type KafkaOptions } from './settings.js';

/** Bytes fetched ahead of each partition of each input: whoever reads all of them holds as many buffers. */
const MOST_BUFFERED_BYTES = 1_048_576;

/** Opens a reading of both inputs outside any group: leases that cannot commit, over one fetcher, one a numbered partition. */
export async function openTails(
  kafka: Kafka,
  options: KafkaOptions,
  written: OffsetLookup,
  partitionCount: number,
): Promise<InputTails> {
  const { clock, logger, transport } = options;
  const maxBufferedBytes = Math.min(MOST_BUFFERED_BYTES, transport.maxBufferedBytes);
  const small = { ...options, transport: { ...transport, maxBufferedBytes } };
  const fetcher = new Fetcher(() => openCluster(kafka, 'committed'), clock, logger, transport.requestTimeoutMs);
  await fetcher.start([...inputTopics(options)]);
  const leases = Array.from(
    { length: numberedCount(options, partitionCount) },
    (_, numbered) =>
      new KafkaLease(numbered, small, NO_COMMITS, fetcher, written, {
        impressions: placeOf(options, 'impressions', numbered, partitionCount),
        interactions: placeOf(options, 'interactions', numbered, partitionCount),
      }),
  );
  return {
    tails: leases.map((lease) => {
      const lies = placesTold(options, lease.partition, partitionCount);
      return lies === undefined ? lease : told(lease, lies);
    }),
    async close() {
      for (const lease of leases) lease.close();
      await fetcher.close();
    },
  };
}

/** A lease that says where its inputs lie. */
function told(lease: KafkaLease, lies: NonNullable<InputTail['lies']>): InputTail {
  return {
    partition: lease.partition,
    lies,
    seek: (offsets) => lease.seek(offsets),
    poll: (...asked) => lease.poll(...asked),
  };
}

const noCommits = (): never => {
  throw new SluiceError('bug', { why: 'a tail commits nothing' });
};

const NO_COMMITS: Committer = {
  get committed() {
    return noCommits();
  },
  newest: noCommits,
  commit: noCommits,
  close: () => Promise.resolve(),
};
