import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SluiceError } from '../../src/errors.js';
import { compileCondition } from '../../src/import/condition.js';
import { compileExpression } from '../../src/import/expression.js';
import { Language } from '../../src/import/language.js';
import { parseMapping } from '../../src/import/load-mapping.js';
import { compilePath, elementScope, rowScope } from '../../src/import/scope.js';
import { parseTimeMs } from '../../src/import/times.js';
import { compileTopicMapping } from '../../src/import/topic-mapping.js';

const problemsOf = (text: string): string => {
  try {
    parseMapping(text, 'm.yaml');
  } catch (thrown) {
    expect((thrown as SluiceError).code).toBe('mapping-invalid');
    return (thrown as SluiceError).reason;
  }
  return '';
};

describe('a mapping file', () => {
  it('reports all problems at once, each with line and path', () => {
    const reason = problemsOf(`impressions:
  shape: row-per-row
  requestId: { column: r, template: "{r}" }
  eventTimeMs: { column: t, time: hours }
  surface: { column: s, map: { a: SEARCH, b: SERCH } }
  sessionid: s
  items:
    itemId: i
interactions:
  - type: TAP
  - type: { constant: TAP }
    when: { column: x }
`);
    for (const part of [
      'line 2: impressions.shape',
      'line 3: impressions.requestId: give exactly one of',
      'line 4: impressions.eventTimeMs.time',
      'line 5: impressions.surface.map.b: "SERCH" is none of',
      'impressions.sessionId',
      'Unrecognized key: "sessionid"',
      'line 11: interactions.1.type.constant',
      'line 12: interactions.1.when.0: say what the column must be',
    ]) {
      expect(reason).toContain(part);
    }
  });

  it.each([
    ['', 'give impressions, interactions or both'],
    ['a: [', 'line 1'],
    ['interactions: [{ type: CLICK }]', 'interactions.0.sessionId: required'],
    [
      'interactions: [{ type: CLICK, perItem: true, sessionId: s, itemId: i, eventTimeMs: t }]',
      'perItem needs an impressions section',
    ],
    [
      'impressions: { shape: row-per-impression, requestId: r, eventTimeMs: t, surface: AD, sessionId: s, items: { each: hits, itemId: i } }',
      'each needs shape: row-per-list',
    ],
    [
      'impressions: { shape: row-per-list, requestId: r, eventTimeMs: t, surface: AD, sessionId: s, items: { itemId: i } }\ninteractions: [{ type: CLICK }]',
      'interactions.0.itemId: required: a row holds many items',
    ],
  ])('refuses %j', (text, why) => expect(problemsOf(text)).toContain(why));
});

describe('values', () => {
  const language = new Language(['', 'NULL']);
  const read = (expression: Parameters<typeof compileExpression>[0], root: unknown): unknown =>
    compileExpression(expression, language)(rowScope(root, 3));

  it('a column of exactly that name wins over a path', () => {
    expect(compilePath('a.b')(rowScope({ 'a.b': 1, a: { b: 2 } }))).toBe(1);
    expect(compilePath('a.b[1].c')(rowScope({ a: { b: [0, { c: 5 }] } }))).toBe(5);
    expect(compilePath('a.b.c')(rowScope({ a: null }))).toBeUndefined();
    expect(compilePath('constructor')(rowScope({}))).toBeUndefined();
    expect(compilePath('/x')(elementScope(rowScope({ x: 1 }), { x: 2 }, 0))).toBe(1);
  });

  it('converts in the order of the page', () => {
    expect(read({ template: 'r-{a}-{$row}' }, { a: 7 })).toBe('r-7-3');
    expect(read({ template: 'r-{a}' }, { a: '' })).toBeUndefined();
    expect(read({ firstOf: [{ column: 'a' }, { template: '{b}!' }] }, { a: 'NULL', b: 'x' })).toBe('x!');
    expect(read({ column: 'a', default: '1|2', split: '|', plus: 1 }, {})).toEqual([2, 3]);
    expect(read({ column: 'a', split: '|', map: { x: 'CLICK' }, otherwise: 'VIEW' }, { a: 'x|y||NULL' })).toEqual([
      'CLICK',
      'VIEW',
      undefined,
      undefined,
    ]);
    expect(read({ column: 'a', times: 0.5 }, { a: 'many' })).toBeUndefined();
    expect(read({ constant: 4 }, {})).toBe(4);
    expect(read({ column: 'a', decode: 'base64' }, { a: '57qi6Imy' })).toBe('红色');
    // 红 as GBK has it.
    expect(read({ column: 'a', decode: 'base64' }, { a: 'uuw=' })).toBeUndefined();
  });

  it('conditions hold together', () => {
    const holds = (condition: Parameters<typeof compileCondition>[0], root: unknown): boolean =>
      compileCondition(condition, language)(rowScope(root));
    expect(holds(undefined, {})).toBe(true);
    expect(
      holds(
        [
          { column: 'a', equals: 1 },
          { column: 'b', present: true },
        ],
        { a: '1', b: 'x' },
      ),
    ).toBe(true);
    expect(
      holds(
        [
          { column: 'a', equals: 1 },
          { column: 'b', present: true },
        ],
        { a: '1', b: 'NULL' },
      ),
    ).toBe(false);
    expect(holds([{ column: 'a', above: 0, below: 2 }], { a: '1' })).toBe(true);
    expect(holds([{ column: 'a', above: 0 }], { a: 'x' })).toBe(false);
    expect(
      holds([{ any: [{ column: 'a', in: ['p', 'q'] }, { not: { column: 'b', present: true } }] }], { a: 'z', b: 1 }),
    ).toBe(false);
    expect(holds([{ column: 'a', split: '|', equals: 1 }], { a: '1|0' })).toBe(true);
  });

  it('a time is the same in every unit it can be written in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 978_307_200, max: 4_102_444_800 }), fc.nat(999), (second, milli) => {
        const timeMs = second * 1000 + milli;
        const iso = new Date(timeMs).toISOString();
        for (const text of [iso, iso.replace('T', ' ').replace('Z', '456+00:00'), iso.replace('Z', '')])
          expect(parseTimeMs(text, 'auto')).toBe(timeMs);
        expect(parseTimeMs(second, 'auto')).toBe(second * 1000);
        expect(parseTimeMs(String(timeMs), 'auto')).toBe(timeMs);
        expect(parseTimeMs(timeMs * 1000 + 7, 'auto')).toBe(timeMs);
        expect(parseTimeMs(timeMs, 'ms')).toBe(timeMs);
        expect(parseTimeMs(second + milli / 1000, 's')).toBe(timeMs);
      }),
    );
    expect(parseTimeMs('2024-05-01T12:00+0200', 'iso')).toBe(Date.UTC(2024, 4, 1, 10));
    expect(parseTimeMs('2024-05-01', 'iso')).toBe(Date.UTC(2024, 4, 1));
    for (const wrong of ['soon', '', '2024-13-01', null, {}, '01/02/2024'])
      expect(parseTimeMs(wrong, 'auto')).toBeUndefined();
  });
});

describe('a mapping of topics', () => {
  const text = `impressions: { shape: row-per-list, when: { column: kind, equals: page }, requestId: id, eventTimeMs: at, surface: SEARCH, sessionId: sid, items: { each: hits, itemId: sku } }
interactions:
  - { when: { column: kind, equals: open }, type: CLICK, itemId: sku, requestId: page, eventTimeMs: at }
  - { when: { column: kind, in: [open, buy] }, type: PURCHASE, itemId: sku, requestId: page, interactionId: id }
`;

  it('reads messages as records, every rule that fits, and leaves others out', () => {
    const mapping = compileTopicMapping(parseMapping(text));
    expect(
      mapping.impressions({ kind: 'page', id: 'p', at: 1.7e12, sid: 's', hits: [{ sku: 1 }, { sku: 2 }] }),
    ).toEqual([
      {
        requestId: 'p',
        eventTimeMs: 1.7e12,
        surface: 'SEARCH',
        sessionId: 's',
        items: [
          { itemId: '1', position: 1 },
          { itemId: '2', position: 2 },
        ],
      },
    ]);
    expect(mapping.impressions({ kind: 'other' })).toEqual([]);
    const opened = { type: 'CLICK', eventTimeMs: 1.7e12, sessionId: 's', itemId: '9', requestId: 'p' };
    expect(mapping.interactions({ kind: 'open', at: 1.7e12, sid: 's', sku: 9, page: 'p' })).toEqual([
      { ...opened, interactionId: `CLICK:p:9:${1.7e12}` },
      { ...opened, type: 'PURCHASE', interactionId: `PURCHASE:p:9:${1.7e12}` },
    ]);
    expect(mapping.interactions({ kind: 'buy', id: 'b1', at: 1.7e12, sid: 's', sku: 9 })).toMatchObject([
      { type: 'PURCHASE', interactionId: 'b1' },
    ]);
    expect(mapping.interactions({ kind: 'nod' })).toEqual([]);
  });

  it('never throws, whatever a message holds', () => {
    const mapping = compileTopicMapping(parseMapping(text));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record({
            kind: fc.constantFrom('page', 'open', 'buy'),
            hits: fc.anything(),
            at: fc.anything(),
            sku: fc.jsonValue(),
          }),
        ),
        (value) => {
          mapping.impressions(value);
          mapping.interactions(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a topic without a section passes as it is', () => {
    const { impressions } = compileTopicMapping(
      parseMapping('interactions: [{ type: CLICK, sessionId: s, itemId: i, eventTimeMs: t }]'),
    );
    const value = { any: 'thing' };
    expect(impressions(value)[0]).toBe(value);
  });

  it('refuses what only a file has', () => {
    const compile = (text: string) => () => compileTopicMapping(parseMapping(text));
    expect(compile('interactions: [{ type: CLICK, sessionId: "{$row}", itemId: i, eventTimeMs: t }]')).toThrow(/\$row/);
    expect(compile(`${text}  - { perItem: true, type: CLICK }\n`)).toThrow(/perItem/);
  });
});

describe('a value nested deeper than it is printed', () => {
  const { impressions } = compileTopicMapping(
    parseMapping(
      'impressions: { shape: row-per-list, requestId: r, eventTimeMs: t, surface: SEARCH, sessionId: s, query: "{q}", items: { each: i, itemId: id } }',
    ),
  );
  const message = (levels: number): unknown => {
    const q = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    return JSON.parse(`{"r":"r","t":1,"s":"s","i":[{"id":"a"}],"q":${q}}`) as unknown;
  };

  it('is text up to 64 levels, and beyond that refused at any depth, never an overflow', () => {
    expect(impressions(message(64))).toMatchObject([{ query: expect.stringMatching(/^(\{"a":){64}1/) as string }]);
    for (const levels of [65, 5_000, 300_000])
      expect(() => impressions(message(levels))).toThrow(expect.objectContaining({ code: 'nested-too-deep' }));
  });
});
