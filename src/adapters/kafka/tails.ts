import type { Kafka } from 'kafkajs';
import { hasSeveralTopics } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import { INPUTS, type InputName, type InputTail, type InputTails } from '../../ports/transport.js';
import { openCluster } from './client.js';
import type { Committer } from './committer.js';
import { Fetcher } from './fetcher.js';
import { KafkaLease } from './lease.js';
import type { OffsetLookup } from './offsets.js';
import { numberedCount, placeOf } from './numbered.js';
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
    tails: hasSeveralTopics(options.topics) ? leases.map(told) : leases,
    async close() {
      for (const lease of leases) lease.close();
      await fetcher.close();
    },
  };
}

/** A lease that says where its inputs lie. */
function told(lease: KafkaLease): InputTail {
  const lies: Partial<Record<InputName, string>> = {};
  for (const input of INPUTS) {
    const place = lease.places[input];
    if (place !== undefined) lies[input] = `${place.topic}/${place.partition}`;
  }
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
