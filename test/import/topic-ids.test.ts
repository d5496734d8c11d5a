import { expect, it } from 'vitest';
import { jsonImpressions, jsonInteractions } from '../../src/adapters/avro/json-codecs.js';
import { createPseudonymiser } from '../../src/adapters/hmac/index.js';
import { parseMapping } from '../../src/import/load-mapping.js';
import { compileTopicMapping } from '../../src/import/topic-mapping.js';
import { admit } from '../../src/pipeline/admit.js';
import { configOf, T0 } from '../pipeline/kit.js';

const MAPPING = compileTopicMapping(
  parseMapping(
    'interactions: [{ type: CLICK, itemId: { column: clicked, split: "|" }, sessionId: sid, requestId: rid, eventTimeMs: at }]',
  ),
);

const admitted = (clicked: unknown) =>
  admit(
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
  'a message of a mapped topic that names several items is a dead letter that says how many: %j',
  (clicked) => {
    expect(admitted(clicked)).toMatchObject({
      kind: 'rejected',
      readCount: 1,
      deadLetters: [
        {
          code: 'invalid-field',
          stage: 'clean',
          itemIndex: null,
          reason: expect.stringContaining(
            'itemId = 3 ids is not valid: expected one id: a message is one interaction',
          ) as string,
        },
      ],
    });
  },
);

it.each([['a'], [['a']], ['["a"]']])('one item is one interaction, however it is written: %j', (clicked) => {
  expect(admitted(clicked)).toMatchObject({ kind: 'interaction', interaction: { itemId: 'a' } });
});

it.each([[[]], [''], [null]])('no item is a dead letter that names the field: %j', (clicked) => {
  expect(admitted(clicked)).toMatchObject({ kind: 'rejected', deadLetters: [{ code: 'missing-field' }] });
});
