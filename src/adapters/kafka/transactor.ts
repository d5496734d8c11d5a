import { randomUUID } from 'node:crypto';
import type { Kafka, Producer, Transaction } from 'kafkajs';
import { messageOf, SluiceError } from '../../errors.js';
import type { InputName, TopicRole, UnitOfWork } from '../../ports/transport.js';
import { bounded } from './bounded.js';
import { compressionType } from './codecs.js';
import type { CommittedUnit } from './committed.js';
import type { Committer } from './committer.js';
import { coordinatorFault } from './coordinator-fault.js';
import { transactionalProducer } from './transactional-producer.js';
import { asSluiceError, hasType, isFenced, isHopeless } from './failures.js';
import { refuseUnwritten, rounds, withLargest, type Placement } from './rounds.js';
import { placeOf } from '../../config/input-places.js';
import { groupOf, nameOf, type KafkaOptions } from './settings.js';

const MAX_BACKOFF_MS = 3_000;

type TopicOffsets = Parameters<Transaction['sendOffsets']>[0]['topics'];

export interface TransactorNeeds {
  readonly kafka: Kafka;
  readonly options: KafkaOptions;
  readonly partition: number;
  readonly place: Placement;
  /** Partitions that each input topic is known to have. */
  readonly partitionCount: () => number;
  /** Bytes of a record batch of a topic at the most. */
  readonly batchBytes: (role: TopicRole) => number;
  /** Reads the last committed unit of this partition from the group's coordinator. */
  readonly readCommitted: () => Promise<CommittedUnit>;
  readonly signal: AbortSignal;
}

/**
 * Commits units of one partition, each in one transaction of the producer `<application>-<partition>`. Opening it fences
 * every older owner and waits out its open transaction, so what {@link Transactor.committed} says after that cannot move.
 *
 * kafkajs must not retry inside a transaction: when a leader moves between tries it drops or doubles the records of that
 * partition. So produce requests get no retries, and a unit is retried as a whole, in a new transaction. When the answer
 * to a commit is lost, the producer is opened anew (which settles the transaction) and the unit's mark, committed beside
 * the offsets, tells whether it went through.
 */
export class Transactor implements Committer {
  private readonly leaseId = randomUUID().slice(0, 8);
  private unitNumber = 0;
  private producer: Producer | undefined;
  private last: CommittedUnit | undefined;
  private openedMark: string | null = null;

  private constructor(private readonly needs: TransactorNeeds) {}

  static async open(needs: TransactorNeeds): Promise<Transactor> {
    const transactor = new Transactor(needs);
    await transactor.initialise();
    transactor.last = await needs.readCommitted();
    transactor.openedMark = transactor.last.mark;
    return transactor;
  }

  get committed(): CommittedUnit {
    if (this.last === undefined) throw new SluiceError('bug', { why: 'transactor used before it was opened' });
    return this.last;
  }

  /** The newer of our last unit and one read from the coordinator, which shows a unit only after its markers are written. */
  newest(found: CommittedUnit): CommittedUnit {
    const isOlder = found.mark === this.openedMark || (found.mark ?? '').startsWith(`${this.leaseId}.`);
    return isOlder ? this.committed : found;
  }

  async commit(unit: UnitOfWork): Promise<void> {
    const mark = `${this.leaseId}.${++this.unitNumber}`;
    const { clock, logger, transport } = this.needs.options;
    const deadlineMs = clock.monotonicMs() + transport.stuckAfterMs;
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.producer === undefined && (await this.settle(mark))) break;
        await this.tryCommit(unit, mark);
        break;
      } catch (error) {
        if (isFenced(error) || this.needs.signal.aborted) throw this.fenced(error);
        if (error instanceof SluiceError && error.code === 'fenced') throw error;
        if (isHopeless(error) || clock.monotonicMs() > deadlineMs) {
          const named = withLargest(error, unit.records, (role) => nameOf(this.needs.options, role));
          throw asSluiceError(named, transport.brokers);
        }
        logger.debug('commit failed, trying again', {
          partition: this.needs.partition,
          attempt,
          why: messageOf(error),
        });
        await clock.sleep(Math.min(MAX_BACKOFF_MS, 50 * 2 ** attempt), this.needs.signal);
      }
    }
    this.last = { offsets: unit.offsets, progress: unit.progress, mark };
  }

  async close(): Promise<void> {
    await this.discard();
  }

  private async tryCommit(unit: UnitOfWork, mark: string): Promise<void> {
    const { place, batchBytes, options } = this.needs;
    const transaction = await this.producer!.transaction();
    try {
      // First, because the broker may still be writing the markers of the transaction before, and only here is that
      // answer safe to retry: nothing has been produced yet.
      await this.sendOffsets(transaction, unit, mark);
      for (const topicMessages of rounds(unit.records, place, (role: TopicRole) => nameOf(options, role), batchBytes)) {
        const answered = await this.inTime(
          transaction.sendBatch({
            topicMessages,
            acks: -1,
            timeout: options.transport.requestTimeoutMs,
            compression: compressionType(options),
          }),
          'produce',
        );
        refuseUnwritten(topicMessages, answered);
      }
    } catch (error) {
      if (!isFenced(error)) await this.inTime(transaction.abort(), 'abort').catch(() => undefined);
      // Even after a clean abort: kafkajs takes back the sequence numbers of a request without an answer, the broker may
      // have written it, and would drop the next records under these numbers as doubles. A new epoch starts from zero.
      await this.discard();
      throw error;
    }
    try {
      await this.inTime(transaction.commit(), 'commit');
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  private async sendOffsets(transaction: Transaction, unit: UnitOfWork, mark: string): Promise<void> {
    const { options } = this.needs;
    // The mark tells an owner of such a partition that what it read on opening is old.
    const shown = this.movesOf('impressions', unit, { own: unit.progress, others: '' });
    const done = this.movesOf('interactions', unit, { own: mark, others: mark });
    const second = groupOf(options, 'interactions');
    if (second === options.application) return this.sendTo(transaction, second, [...shown, ...done]);
    await this.sendTo(transaction, options.application, shown);
    await this.sendTo(transaction, second, done);
  }

  /** Where the unit leads to in the topics of an input, this partition first. */
  private movesOf(
    input: InputName,
    { offsets, others }: UnitOfWork,
    metadata: { readonly own: string; readonly others: string },
  ): TopicOffsets {
    const { partition, options, partitionCount } = this.needs;
    const moves = new Map<string, TopicOffsets[number]['partitions']>();
    for (const [numbered, to] of [[partition, offsets] as const, ...(others ?? [])]) {
      const place = placeOf(options, input, numbered, partitionCount());
      if (place === undefined) continue;
      const ofTopic = moves.get(place.topic) ?? [];
      ofTopic.push({
        partition: place.partition,
        offset: String(to[input]),
        metadata: numbered === partition ? metadata.own : metadata.others,
      } as TopicOffsets[number]['partitions'][number]);
      moves.set(place.topic, ofTopic);
    }
    return [...moves].map(([topic, partitions]) => ({ topic, partitions }));
  }

  private async sendTo(transaction: Transaction, consumerGroupId: string, topics: TopicOffsets): Promise<void> {
    const { options } = this.needs;
    const deadlineMs = options.clock.monotonicMs() + options.transport.requestTimeoutMs;
    for (let pauseMs = 2; ; pauseMs = Math.min(100, pauseMs * 2)) {
      try {
        return await this.inTime(transaction.sendOffsets({ consumerGroupId, topics }), 'offsets');
      } catch (error) {
        if (!hasType(error, 'CONCURRENT_TRANSACTIONS') || options.clock.monotonicMs() > deadlineMs) throw error;
        await options.clock.sleep(pauseMs);
      }
    }
  }

  /** Opens the producer anew and says whether the unit of this mark was committed. Throws `fenced` when someone else's was. */
  private async settle(mark: string): Promise<boolean> {
    if (this.needs.signal.aborted) throw this.fenced(undefined);
    await this.initialise();
    const found = await this.needs.readCommitted();
    if (found.mark === mark) return true;
    if (found.mark !== this.committed.mark) throw this.fenced(undefined);
    return false;
  }

  private async initialise(): Promise<void> {
    const { kafka, options, partition } = this.needs;
    const transactionalId = `${options.application}-${partition}`;
    const producer = transactionalProducer(kafka, options, transactionalId);
    try {
      await this.inTime(producer.connect(), 'connect');
      // kafkajs initialises the producer id with the first transaction; an empty one costs no request to end.
      const first = await this.inTime(producer.transaction(), 'producer id');
      await first.abort();
    } catch (error) {
      producer.disconnect().catch(() => undefined);
      throw await coordinatorFault(kafka, error, 'transaction', transactionalId, nameOf(options, 'impressions'));
    }
    this.producer = producer;
  }

  private async discard(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    if (producer !== undefined)
      await bounded(producer.disconnect(), 1_000, this.needs.options.clock, 'disconnect').catch(() => undefined);
  }

  /** Twice the time of a request: kafkajs looks for the coordinator first. */
  private inTime<T>(work: Promise<T>, what: string): Promise<T> {
    const { clock, transport } = this.needs.options;
    return bounded(work, 2 * transport.requestTimeoutMs, clock, `partition ${this.needs.partition}: ${what}`);
  }

  private fenced(cause: unknown): SluiceError {
    return new SluiceError('fenced', { partition: this.needs.partition }, { cause });
  }
}
