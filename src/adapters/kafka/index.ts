import type { Transport } from '../../ports/transport.js';
import { KafkaTransport } from './kafka-transport.js';
import type { KafkaOptions } from './settings.js';

export {
  KafkaProbe,
  TOPIC_UNAUTHORISED,
  UNKNOWN_TOPIC,
  type ClockDifference,
  type ClusterFacts,
  type Right,
  type Rights,
  type TopicFacts,
} from './probe.js';
export { NEEDED_BYTES } from './topics.js';
export { answersWith, replicasInSync } from './cluster-health.js';
export { type GroupOffsets, groupTool } from './group-tool.js';
export type { KafkaOptions } from './settings.js';

/** A transport over an Apache Kafka cluster. Connects on first use; `prepare` and `join` throw `kafka-unreachable` when no broker answers. */
export function kafkaTransport(options: KafkaOptions): Transport {
  return new KafkaTransport(options);
}
