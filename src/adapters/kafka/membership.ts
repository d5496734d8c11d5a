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

  /** As which the group knows it since it joined last. */
  memberId: string | undefined;

  /** Starts and stops so far: a start whose number is old was given up. */
  private stays = 0;
  private starting: Promise<void> | undefined;
  private giveUp: () => void = () => undefined;

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

  /**
   * Resolves once joined, or once {@link stop} has given the join up; rejects with what kept it from joining. Later crashes
   * go to the listener.
   */
  async start(): Promise<void> {
    const joining = this.join(++this.stays);
    const starting = joining.catch(() => undefined);
    this.starting = starting;
    try {
      await joining;
    } finally {
      if (this.starting === starting) this.starting = undefined;
    }
  }

  private async join(stay: number): Promise<void> {
    const { options } = this;
    const { sessionTimeoutMs } = options.transport;
    const topics = inputTopics(options);
    const { application, clock, logger } = options;
    await removeDead({ kafka: this.kafka, application, own: this.own, clock, logger });
    if (stay !== this.stays) return;
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
      this.giveUp = resolve;
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
        this.memberId = payload.memberId;
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
    const steps = [
      () => consumer.connect(),
      () => consumer.subscribe({ topics: [...topics], fromBeginning: true }),
      () => consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() }),
      () => joined,
    ];
    try {
      for (const step of steps) if (stay === this.stays) await step();
    } catch (error) {
      if (stay === this.stays) throw error;
    }
    if (stay !== this.stays) await this.inTime(consumer.disconnect());
  }

  /** Commits as the member this is now; a commit of an earlier generation is refused by the broker. */
  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (this.consumer === undefined) throw new SluiceError('kafka-failed', { why: 'not in the group at the moment' });
    await this.consumer.commitOffsets([...offsets]);
  }

  /** Leaves the group, or gives up joining it. */
  async stop(): Promise<void> {
    const { consumer, starting } = this;
    this.consumer = undefined;
    this.stays++;
    this.giveUp();
    // kafkajs forgets a consumer that is stopped while it joins, which then stays in the group: the start disconnects it.
    if (starting !== undefined) await this.inTime(starting);
    else if (consumer !== undefined) await this.inTime(consumer.disconnect());
  }

  /** What kafkajs waits for may wait for brokers that are gone. */
  private async inTime(work: Promise<void>): Promise<void> {
    const { transport, clock } = this.options;
    await bounded(work, transport.sessionTimeoutMs, clock, 'leaving the group').catch(() => undefined);
  }
}
