import { connect } from 'node:net';
import { Kafka, logLevel, type Admin } from 'kafkajs';

/**
 * True when `nodeCount` brokers are in the cluster's metadata and a group coordinator answers. Rejects while they cannot
 * be asked.
 * @param brokers comma-separated bootstrap servers, without TLS
 */
export function answersWith(brokers: string, nodeCount: number): Promise<boolean> {
  return asked(brokers, 0, async (admin) => {
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length !== nodeCount) return false;
    await admin.fetchOffsets({ groupId: 'sluice-ready', topics: [] });
    return true;
  });
}

/** True when every bootstrap server answers and every replica of every partition is in sync. */
export async function replicasInSync(brokers: string): Promise<boolean> {
  // A node that died a moment ago is in sync as far as the others have heard.
  if (!(await Promise.all(brokers.split(',').map(isListening))).every(Boolean)) return false;
  return asked(brokers, 1, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata();
    return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
  }).catch(() => false);
}

async function asked<T>(brokers: string, retries: number, question: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries },
    connectionTimeout: 1_000,
  }).admin();
  try {
    await admin.connect();
    return await question(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

function isListening(broker: string): Promise<boolean> {
  const [host, port] = broker.split(':');
  return new Promise((done) => {
    const socket = connect({ host: host!, port: Number(port) }, () => {
      socket.end();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
