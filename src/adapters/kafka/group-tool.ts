import { Kafka, logLevel, type Admin } from 'kafkajs';
import type { Clock } from '../../ports/clock.js';
import { hasType } from './failures.js';

const TRY_AGAIN_MS = 500;
const MOST_TRIES = 120;
/** What waiting mends: a coordinator moves when its broker was killed, and a killed member stays until its session is over. */
const PASSING = [
  'NON_EMPTY_GROUP',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  // The killed member divides partitions otherwise than the tool.
  'INCONSISTENT_GROUP_PROTOCOL',
];

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
export function groupTool(
  brokers: string,
  groupId: string,
  topics: readonly string[],
  clock: Pick<Clock, 'sleep'>,
): GroupTool {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let left = MOST_TRIES; ; left--) {
      try {
        return await work();
      } catch (error) {
        if (left <= 1 || !passesOf(error)) throw error;
        await clock.sleep(TRY_AGAIN_MS);
      }
    }
  };
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
    read: () => patiently(() => asked((admin) => admin.fetchOffsets({ groupId, topics: [...topics] }))),
    remove: () => patiently(() => asked(async (admin) => void (await admin.deleteGroups([groupId])))),
    write: (offsets) =>
      patiently(async () => {
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
      }),
  };
}

/** True for what waiting mends. */
function passesOf(error: unknown): boolean {
  return PASSING.some((type) => hasType(error, type));
}
