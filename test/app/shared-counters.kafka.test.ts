import { randomUUID } from 'node:crypto';
import { brokers } from '../adapters/kafka/fixture.js';
import type { Place } from './fixture.js';
import { sharedCounterLaws } from './shared-counters-laws.js';

const place: Place = (name) => {
  const application = `${name}-${randomUUID().slice(0, 8)}`;
  return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
};

sharedCounterLaws('a Kafka broker', place, [2]);
