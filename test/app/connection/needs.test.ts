import { expect, it } from 'vitest';
import { needsOf } from '../../../src/app/connection/needs.js';
import { configSchema } from '../../../src/config/schema.js';

it.each([
  ['exactly-once', 'none', 'a-'],
  ['exactly-once', 'session', 'a-'],
  ['at-least-once', 'session', 'a-repartition-'],
  ['at-least-once', 'none', null],
])('%s with repartition %s asks for the transactional ids %s', (delivery, repartition, ids) => {
  const config = configSchema.parse({ application: 'a', transport: { kind: 'kafka', delivery, repartition } });
  expect(needsOf(config).transactionalIds).toBe(ids);
});

it.each([
  [false, ['Write']],
  [true, ['Read', 'Write']],
])('the late topic is read where the learner goes by late labels: %s', (lateLabels, rights) => {
  const config = configSchema.parse({ transport: { kind: 'kafka' }, retrain: { lateLabels } });
  expect(needsOf(config).topics.find(({ role }) => role === 'late')?.rights).toEqual(rights);
});
