import { randomUUID } from 'node:crypto';
import { brokers } from '../../adapters/kafka/fixture.js';
import { ownRulesLaws } from './own-rules-laws.js';

ownRulesLaws('a Kafka broker', (name) => {
  const application = `${name}-${randomUUID().slice(0, 8)}`;
  return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
});
