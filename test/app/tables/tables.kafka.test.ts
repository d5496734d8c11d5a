import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { brokers } from '../../adapters/kafka/fixture.js';
import { tablesLaws } from './tables-laws.js';

tablesLaws(
  'a Kafka broker',
  (name) => {
    const application = `${name}-${randomUUID().slice(0, 8)}`;
    return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
  },
  async (topic) => {
    const admin = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
      await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }] });
    } finally {
      await admin.disconnect();
    }
  },
);
