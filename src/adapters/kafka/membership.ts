import type { Consumer, Kafka } from 'kafkajs';
import { SluiceError } from '../../errors.js';
import { bounded } from './bounded.js';
import { coPartitionAssigner } from './assigner.js';
import type { CommittedOffset } from './committer.js';
import { kafkaClient } from './client.js';
import { memberClientId, ownIdentity } from './identity.js';
import { removeDead } from './predecessors.js';
import { inputTopics, type KafkaOptions } from './settings.js';

/** How long a paused kafkajs consumer sleeps between looks at its heartbeat. */
const IDLE_WAIT_MS = 200;
const HEARTBEATS_A_SESSION = 10;

export interface MembershipListener {
  assigned(partitions: readonly number[]): void;
  /** The consumer ended by itself; nothing restarts it but us. */
  crashed(error: Error): void;
}

/**
 * Membership in the application's consumer group, and nothing else: every partition of the kafkajs consumer stays paused,
 * so that it heartbeats, rejoins and tells of assignments while {@link Fetcher} reads.
 */
export class Membership {
  private consumer: Consumer | undefined;
  /** Monotonic time of the last heartbeat or join, or since when one is awaited. */
  lastSignMs: number;
  /** Heartbeats and joins so far. */
  signCount = 0;

  private readonly own = ownIdentity();
  private readonly kafka: Kafka;

  constructor(
    private readonly options: KafkaOptions,
    private readonly heldNow: () => readonly number[],
    private readonly listener: MembershipListener,
  ) {
    this.lastSignMs = options.clock.monotonicMs();
    this.kafka = kafkaClient(options, process.env, memberClientId(options.application, this.own)).kafka;
  }

  /** Resolves once joined; rejects with what kept it from joining. Later crashes go to the listener. */
  async start(): Promise<void> {
    const { options } = this;
    const { sessionTimeoutMs } = options.transport;
    const topics = inputTopics(options);
    const { application, clock, logger } = options;
    await removeDead({ kafka: this.kafka, application, own: this.own, clock, logger });
    const consumer = this.kafka.consumer({
      groupId: options.application,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.max(50, Math.min(3_000, Math.floor(sessionTimeoutMs / HEARTBEATS_A_SESSION))),
      maxWaitTimeInMs: IDLE_WAIT_MS,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      partitionAssigners: [coPartitionAssigner(topics, this.heldNow)],
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    this.consumer = consumer;
    this.lastSignMs = options.clock.monotonicMs();
    let hasJoined = false;
    const joined = new Promise<void>((resolve, reject) => {
      const sign = () => {
        this.signCount++;
        this.lastSignMs = options.clock.monotonicMs();
      };
      consumer.on(consumer.events.HEARTBEAT, sign);
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        if (this.consumer !== consumer) return;
        sign();
        // Before kafkajs's first fetch, for the event is emitted from within its join.
        consumer.pause(topics.map((topic) => ({ topic })));
        hasJoined = true;
        this.listener.assigned(payload.memberAssignment[topics[0]!] ?? []);
        resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (this.consumer !== consumer) return;
        this.consumer = undefined;
        if (hasJoined) this.listener.crashed(payload.error);
        else reject(payload.error);
      });
    });
    // A rejection before anyone waits for it must not end the process.
    joined.catch(() => undefined);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
    await joined;
  }

  /** Commits as the member this is now; a commit of an earlier generation is refused by the broker. */
  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (this.consumer === undefined) throw new SluiceError('kafka-failed', { why: 'not in the group at the moment' });
    await this.consumer.commitOffsets([...offsets]);
  }

  /** Leaves the group. */
  async stop(): Promise<void> {
    const consumer = this.consumer;
    this.consumer = undefined;
    // kafkajs waits for a rejoin that is under way, which may wait for brokers that are gone.
    if (consumer !== undefined)
      await bounded(
        consumer.disconnect(),
        this.options.transport.sessionTimeoutMs,
        this.options.clock,
        'leaving the group',
      ).catch(() => undefined);
  }
}
