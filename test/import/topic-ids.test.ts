import { expect, it } from 'vitest';
import { jsonImpressions, jsonInteractions } from '../../src/adapters/avro/json-codecs.js';
import { createPseudonymiser } from '../../src/adapters/hmac/index.js';
import { parseMapping } from '../../src/import/load-mapping.js';
import { compileTopicMapping } from '../../src/import/topic-mapping.js';
import { admit as admitAll } from '../../src/pipeline/admit.js';
import { configOf, T0 } from '../pipeline/kit.js';

const MAPPING = compileTopicMapping(
  parseMapping(
    'interactions: [{ type: CLICK, itemId: { column: clicked, split: "|" }, sessionId: sid, requestId: rid, eventTimeMs: at }]',
  ),
);

const admitted = (clicked: unknown) =>
  admitAll(
    {
      partition: 0,
      topicNames: { impressions: 'shown', interactions: 'acted' },
      impressions: jsonImpressions(true),
      interactions: jsonInteractions(true),
      mapping: MAPPING,
      privacy: { keyed: createPseudonymiser(new Uint8Array(32).fill(7)), requestIds: 'as-sent' },
      clean: configOf().clean,
      maxMessageBytes: 3_000_000,
    },
    'interactions',
    {
      offset: 0,
      key: null,
      value: Buffer.from(JSON.stringify({ clicked, sid: 's', rid: 'r', at: T0 })),
      timestampMs: T0,
      headers: {},
    },
  );

it.each([['a|b|c'], [['a', 'b', 'c']], ['["a","b","c"]']])(
  'a message of a mapped topic that names several items is as many interactions, as a row of a file is: %j',
  (clicked) => {
    const events = admitted(clicked);
    expect(events).toMatchObject(
      ['a', 'b', 'c'].map((itemId) => ({ kind: 'interaction', offset: 0, interaction: { itemId } })),
    );
    expect(events.map(({ part }) => part ?? 0)).toEqual([0, 1, 2]);
    const ids = events.map((event) => event.kind === 'interaction' && event.interaction.interactionId);
    expect(new Set(ids).size).toBe(3);
  },
);

it.each([['a'], [['a']], ['["a"]']])('one item is one interaction, however it is written: %j', (clicked) => {
  expect(admitted(clicked)).toMatchObject([{ kind: 'interaction', interaction: { itemId: 'a' } }]);
});

it.each([[[]], [''], [null]])('no item is a dead letter that names the field: %j', (clicked) => {
  expect(admitted(clicked)).toMatchObject([{ kind: 'rejected', deadLetters: [{ code: 'missing-field' }] }]);
});
