import kafkajs from 'kafkajs';
import type { Admin, Broker, Cluster, ISocketFactory, Kafka } from 'kafkajs';
import { plannedPartitions } from '../../config/topics.js';
import type { SluiceError } from '../../errors.js';
import type { TopicRole } from '../../ports/transport.js';
import { kafkaClient, openCluster } from './client.js';
import { asSluiceError, isAuthorisation, isHopeless } from './failures.js';
import { faultAt } from './knock.js';
import { clusterFacts, groupFacts, transactionStart, type ClusterFacts, type Rights } from './own-requests.js';
import type { KafkaOptions } from './settings.js';
import { replicationFactorOf, topicSettings } from './topics.js';

export type { BrokerPlace, ClusterFacts, Right, Rights, TopicFacts } from './own-requests.js';

/** Error codes of the protocol that a probe meets. */
export const UNKNOWN_TOPIC = 3;
export const TOPIC_UNAUTHORISED = 29;
const GROUP_UNAUTHORISED = 30;

/** Coordinators of groups and of transactions. */
const COORDINATORS = { group: 0, transaction: 1 } as const;

interface Coordinating extends Broker {
  initProducerId(asked: {
    readonly transactionalId: string;
    readonly transactionTimeout: number;
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
  addOffsetsToTxn(asked: object): Promise<unknown>;
  endTxn(asked: object): Promise<unknown>;
}

/** What kafkajs's type of a cluster does not show. */
interface BrokerPool {
  /** The bootstrap server that answered. */
  readonly seedBroker: Broker;
  withBroker<T>(act: (found: { readonly broker: Broker }) => Promise<T>): Promise<T>;
}

/** How far the broker's clock is ahead of ours, and how well that is known. */
export interface ClockDifference {
  readonly aheadMs: number;
  readonly marginMs: number;
}

/**
 * Looks at a cluster as the processor would use it, and changes nothing in it but for one aborted transaction without a
 * record, under an id of its own.
 */
export class KafkaProbe {
  private readonly kafka: Kafka;
  private readonly open: ISocketFactory;
  private readonly cluster: Cluster;
  private readonly admin: Admin;

  /** Throws what {@link kafkaClient} throws. */
  constructor(private readonly options: KafkaOptions) {
    const { kafka, socketFactory } = kafkaClient(options);
    this.kafka = kafka;
    this.open = socketFactory;
    this.cluster = openCluster(kafka, 'committed');
    this.admin = this.kafka.admin();
  }

  /** What is wrong with a listener; undefined: it speaks Kafka as the config says. */
  faultAt(address: string): Promise<SluiceError | undefined> {
    return faultAt(address, this.options, this.open);
  }

  /**
   * Connects, logs in, and asks for brokers and topics; null: the broker is too old to tell of rights. Asked of a bootstrap
   * server itself: whether the addresses it gives can be reached is another question.
   */
  facts(topics: readonly string[]): Promise<ClusterFacts | null> {
    return this.guarded(async () => {
      await this.cluster.connect();
      return clusterFacts(this.pool.seedBroker, topics);
    });
  }

  /** Why a topic could not be created; undefined: it could. The broker checks it, and makes none. */
  async refusalToCreate(role: TopicRole, topic: string): Promise<SluiceError | undefined> {
    try {
      await this.admin.connect();
      await this.admin.createTopics({
        validateOnly: true,
        waitForLeaders: false,
        timeout: this.options.transport.requestTimeoutMs,
        topics: [
          {
            topic,
            numPartitions: plannedPartitions(this.options.topics, role),
            replicationFactor: await replicationFactorOf(this.admin, this.options),
            configEntries: topicSettings(role),
          },
        ],
      });
      return undefined;
    } catch (thrown) {
      return asSluiceError(thrown, this.options.transport.brokers);
    }
  }

  /** Settings of topics by name; null: they may not be read. */
  async settings(topics: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string>> | null> {
    if (topics.length === 0) return new Map();
    try {
      await this.admin.connect();
      const { resources } = await this.admin.describeConfigs({
        includeSynonyms: false,
        resources: topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
      });
      return new Map(
        resources.map(({ resourceName, configEntries }) => [
          resourceName,
          new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
        ]),
      );
    } catch (thrown) {
      if (isAuthorisation(thrown)) return null;
      throw asSluiceError(thrown, this.options.transport.brokers);
    }
  }

  /** What the user may do with a consumer group; null: the broker does not tell. */
  groupRights(groupId: string): Promise<Rights> {
    return this.guarded(async () => {
      const broker = await this.coordinator('group', groupId).catch((thrown: unknown) => {
        if (isAuthorisation(thrown)) return undefined;
        throw thrown;
      });
      if (broker === undefined) return new Set();
      const facts = await groupFacts(broker, groupId);
      return facts?.errorCode === GROUP_UNAUTHORISED ? new Set() : (facts?.rights ?? null);
    });
  }

  /**
   * Opens a transaction under an id that no partition uses and aborts it, which tells two things: whether the user may, and
   * what the broker's clock says. @returns null where the broker is too old to tell the time
   * @throws SluiceError `kafka-not-authorised`
   */
  transaction(transactionalId: string, groupId: string): Promise<ClockDifference | null> {
    return this.guarded(async () => {
      const broker = (await this.coordinator('transaction', transactionalId)) as Coordinating;
      const transactionTimeout = this.options.transport.transactionTimeoutMs;
      const { producerId, producerEpoch } = await this.patiently(() =>
        broker.initProducerId({ transactionalId, transactionTimeout }),
      );
      const id = { transactionalId, producerId, producerEpoch };
      const { clock } = this.options;
      const [beforeMs, afterMs] = await this.patiently(async () => {
        const askedMs = clock.nowMs();
        await broker.addOffsetsToTxn({ ...id, groupId });
        return [askedMs, clock.nowMs()] as const;
      });
      try {
        const startMs = await transactionStart(broker, transactionalId);
        const marginMs = (afterMs - beforeMs) / 2;
        return startMs === null ? null : { aheadMs: startMs - beforeMs - marginMs, marginMs };
      } finally {
        await broker.endTxn({ ...id, transactionResult: false });
      }
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.cluster.disconnect(), this.admin.disconnect()]);
  }

  private get pool(): BrokerPool {
    return (this.cluster as Cluster & { readonly brokerPool: BrokerPool }).brokerPool;
  }

  private async anyBroker(): Promise<Broker> {
    await this.cluster.refreshMetadataIfNecessary();
    return this.pool.withBroker(({ broker }) => Promise.resolve(broker));
  }

  /** Asked of a broker itself: kafkajs's own search drops why there is none. */
  private async coordinator(kind: keyof typeof COORDINATORS, groupId: string): Promise<Broker> {
    const coordinatorType = COORDINATORS[kind];
    const asking = (await this.anyBroker()) as Broker & {
      findGroupCoordinator(asked: object): Promise<{ readonly coordinator: { readonly nodeId: number } }>;
    };
    return this.patiently(async () => {
      const { coordinator } = await asking.findGroupCoordinator({ groupId, coordinatorType });
      return this.cluster.findBroker({ nodeId: String(coordinator.nodeId) });
    });
  }

  /** Asks again while a coordinator loads: its topic is made when somebody first asks. */
  private async patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (thrown) {
        if (isHopeless(thrown) || attempt >= MOST_ATTEMPTS) throw thrown;
        await this.options.clock.sleep(PAUSE_MS);
      }
    }
  }

  private async guarded<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (thrown) {
      throw asSluiceError(thrown, this.options.transport.brokers);
    }
  }
}

const MOST_ATTEMPTS = 10;
const PAUSE_MS = 500;
