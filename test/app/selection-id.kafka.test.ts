import { randomUUID } from 'node:crypto';
import { brokers } from '../adapters/kafka/fixture.js';
import { selectionIdLaws } from './selection-id-laws.js';
import type { Place } from './fixture.js';

/** Fresh topics and a fresh group on the suite's brokers. */
const kafka: Place = (name) => {
  const application = `${name}-${randomUUID().slice(0, 8)}`;
  return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
};

selectionIdLaws('the selection settings that samples name, on Kafka', kafka);
