import { Kafka, logLevel, type Admin } from 'kafkajs';

/** Offsets of a group as the broker keeps them: by topic and partition, each with its metadata. */
export type GroupOffsets = Awaited<ReturnType<Admin['fetchOffsets']>>;

/** What tools do to a consumer group that has no members; for proofs that they harm nothing in silence. */
export interface GroupTool {
  read(): Promise<GroupOffsets>;
  /** Makes these the offsets of the group, as a member that has joined for it. */
  write(offsets: GroupOffsets): Promise<void>;
  remove(): Promise<void>;
}

/** @param brokers comma-separated bootstrap servers, without TLS */
export function groupTool(brokers: string, groupId: string, topics: readonly string[]): GroupTool {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const asked = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };
  return {
    read: () => asked((admin) => admin.fetchOffsets({ groupId, topics: [...topics] })),
    remove: () => asked(async (admin) => void (await admin.deleteGroups([groupId]))),
    async write(offsets) {
      const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
      try {
        await consumer.connect();
        await consumer.subscribe({ topics: [...topics] });
        const joined = new Promise<void>((resolve, reject) => {
          consumer.on(consumer.events.GROUP_JOIN, () => {
            consumer.pause(topics.map((topic) => ({ topic })));
            resolve();
          });
          consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
        });
        await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
        await joined;
        await consumer.commitOffsets(
          offsets.flatMap(({ topic, partitions }) =>
            partitions
              .filter(({ offset }) => Number(offset) >= 0)
              .map(({ partition, offset, metadata }) => ({ topic, partition, offset, metadata })),
          ),
        );
      } finally {
        await consumer.disconnect().catch(() => undefined);
      }
    },
  };
}
