import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';
import { assignPartitions, type Member } from './assign.js';

/**
 * kafkajs assigner that gives partition p of every input topic to one member. Each member sends along what it holds, so that a
 * rebalance moves little. While one has grown and another not yet, the partitions that all have are shared out.
 */
export function coPartitionAssigner(
  inputTopics: readonly string[],
  heldNow: () => readonly number[],
): PartitionAssigner {
  const name = 'sluice-co-partition';
  const version = 0;
  return ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: encodeHeld(heldNow()) }),
    }),
    assign({ members }) {
      const counts = inputTopics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
      const group = members.map(({ memberId, memberMetadata }): Member => {
        const decoded = AssignerProtocol.MemberMetadata.decode(memberMetadata);
        return { memberId, held: decoded === null ? [] : decodeHeld(decoded.userData) };
      });
      const shares = assignPartitions(group, Math.min(...counts));
      return Promise.resolve(
        [...shares].map(([memberId, partitions]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version,
            assignment: Object.fromEntries(inputTopics.map((topic) => [topic, partitions])),
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
}

/** Partition numbers as int32, big endian. */
export function encodeHeld(held: readonly number[]): Buffer {
  const bytes = Buffer.alloc(held.length * 4);
  held.forEach((partition, index) => bytes.writeInt32BE(partition, index * 4));
  return bytes;
}

/** The inverse of {@link encodeHeld}; bytes past the last whole number are ignored. */
export function decodeHeld(bytes: Buffer | null): number[] {
  return Array.from({ length: Math.floor((bytes?.length ?? 0) / 4) }, (_, index) => bytes!.readInt32BE(index * 4));
}
