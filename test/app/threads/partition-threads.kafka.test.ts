import { randomUUID } from 'node:crypto';
import { brokers } from '../../adapters/kafka/fixture.js';
import type { Place } from '../fixture.js';
import { threadLaws } from './thread-laws.js';

/** Fresh topics and a fresh group on the suite's brokers. */
const kafka: Place = (name) => {
  const application = `${name}-${randomUUID().slice(0, 8)}`;
  return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
};

threadLaws('a Kafka broker', kafka, false);
