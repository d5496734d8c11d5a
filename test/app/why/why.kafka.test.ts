import { randomUUID } from 'node:crypto';
import { brokers } from '../../adapters/kafka/fixture.js';
import type { Place } from '../fixture.js';
import { whyLaws } from './why-laws.js';

const kafka: Place = (name) => {
  const application = `${name}-${randomUUID().slice(0, 8)}`;
  return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
};

whyLaws('why, asked of every id of a stream on a Kafka broker', kafka);
