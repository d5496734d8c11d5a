import type { Broker, Kafka } from 'kafkajs';
import { openCluster } from './client.js';
import { faultsOf, isAuthorisation } from './failures.js';

const COORDINATOR_TYPES = { group: 0, transaction: 1 } as const;

interface Asking extends Broker {
  findGroupCoordinator(asked: { readonly groupId: string; readonly coordinatorType: number }): Promise<unknown>;
}

/**
 * What a broker says of a coordinator that was not found. kafkajs drops the reason, which may be a missing right: that is
 * asked for once more, and everything else stays the error it was.
 * @param id of the group, or of the transactions
 * @param topic one that may be described
 */
export async function coordinatorFault(
  kafka: Kafka,
  error: unknown,
  kind: keyof typeof COORDINATOR_TYPES,
  id: string,
  topic: string,
): Promise<unknown> {
  if (!faultsOf(error).some(({ name }) => name === 'KafkaJSGroupCoordinatorNotFound')) return error;
  const cluster = openCluster(kafka, 'committed');
  try {
    await cluster.connect();
    await cluster.addMultipleTargetTopics([topic]);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [0]));
    const broker = (await cluster.findBroker({ nodeId: nodeId ?? '' })) as Asking;
    await broker.findGroupCoordinator({ groupId: id, coordinatorType: COORDINATOR_TYPES[kind] });
    return error;
  } catch (found) {
    return isAuthorisation(found) ? found : error;
  } finally {
    await cluster.disconnect().catch(() => undefined);
  }
}
