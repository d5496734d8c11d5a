import { randomUUID } from 'node:crypto';
import type { Place } from '../fixture.js';
import { dryRunLaws } from './dry-run-laws.js';

const onKafka: Place = (name) => {
  const application = `dry-${name}-${randomUUID().slice(0, 8)}`;
  const transport = { kind: 'kafka' as const, brokers: process.env['KAFKA_BROKERS']! };
  return { application, topics: { prefix: `${application}.` }, transport };
};
dryRunLaws(onKafka);
