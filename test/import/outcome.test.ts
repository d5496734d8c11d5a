import { existsSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseMapping } from '../../src/import/index.js';
import { Matching } from '../../src/import/matching.js';
import { importKit, labels, type Imported } from './kit.js';

const { put, path, imported } = importKit();

const HEAD = 'shape: row-per-impression, requestId: request, sessionId: session, eventTimeMs: time, surface: SEARCH';
const COLUMNS = 'time,request,session,item,clicked,price,rate,cat\n';
const LOG = `${COLUMNS}1541599523,r1,s1,a,yes,9.90,,7\n1541599523,r1,s1,b,no,9.90,,8\n`;
const CLICKS = 'interactions: [{ when: { column: clicked, equals: "yes" }, type: CLICK }]\n';
const items = (more = '', click = CLICKS, list = ''): string =>
  `impressions: { ${HEAD}${list}, items: { itemId: item${more} } }\n${click}`;
const log = (text = LOG): string => put('log.csv', text);

/** An import that must end with a mistake in the mapping, and write nothing. */
async function refused(made: Promise<Imported>, why: RegExp): Promise<void> {
  await expect(made).rejects.toMatchObject({
    code: 'mapping-invalid',
    message: expect.stringMatching(why) as string,
  });
  expect(existsSync(path('out/impressions.ndjson'))).toBe(false);
}

describe('a part of a mapping that nothing came of is a mistake', () => {
  const one = CLICKS.replace('"yes"', '1');

  it('a rule that fits no row, with what the log has instead', () =>
    refused(
      imported(log(), items('', one)),
      /interactions\.0 \(CLICK\): fits no row; its when finds "yes", "no" in clicked\./,
    ));

  it('a rule for lists that fits no row, though others make something', () => {
    const views = 'interactions: [{ type: VIEW, itemId: item, sessionId: session, eventTimeMs: time }]';
    return refused(
      imported(log(), items('', views, ', when: { column: clicked, equals: maybe }')),
      /impressions: fits no row; its when finds "yes", "no" in clicked\./,
    );
  });

  it('a rule that fits, and makes nothing', () =>
    refused(
      imported(log(), items('', 'interactions: [{ type: { column: clicked, map: { ja: CLICK } } }]')),
      /interactions\.0: fits 2 times, and nothing comes of it, for it is without type/,
    ));

  it.each([
    [
      'an id of another form',
      'itemId: { template: "sku-{item}" }',
      /none of its interactions is of an item that a list shows: the first is of item "sku-a", request "r1", session "s1", and the first list shows item "a", request "r1", session "s1"/,
    ],
    ['a request of another form', 'requestId: "{request}-1"', /the first is of item "a", request "r1-1"/],
    ['somebody else', 'sessionId: item', /the first is of item "a", request "r1", session "a"/],
    [
      'an impression id that no list gives',
      'impressionId: "{request}/{item}"',
      /interactions\.0 \(CLICK\): none of its interactions/,
    ],
  ])('clicks that are never of a shown item: %s', (_, own, why) =>
    refused(imported(log(), items('', CLICKS.replace('type: CLICK', `type: CLICK, ${own}`))), why),
  );

  it('a table that has none of the keys', () => {
    put('titles.csv', 'id,title\n007,Lamp\n');
    return refused(
      imported(log(), `tables: { t: { file: titles.csv, key: id } }\n${items(', title: { table: t, column: title }')}`),
      /tables\.t: has none of 2 keys, of which the first is "a"; it has "007", say\./,
    );
  });

  it('a column that a table lacks, with the nearest name', () => {
    put('titles.csv', 'id,title\na,Lamp\n');
    return refused(
      imported(log(), `tables: { t: { file: titles.csv, key: id } }\n${items(', title: { table: t, column: titel }')}`),
      /tables\.t: no row has "titel"\. Did you mean title\?/,
    );
  });

  it.each([
    [
      'another decimal sign',
      'price: { column: price, decimal: "," }',
      /impressions\.items\.price: the log has a value 2 times, and none is a number with the decimal sign ","; the first is "9\.90"/,
    ],
    [
      'a word where a number belongs',
      'price: clicked',
      /impressions\.items\.price: .* none is of its kind; the first is "yes"/,
    ],
    [
      'a map without any of them',
      'category: { column: cat, map: { "9": hats } }',
      /impressions\.items\.category: .* its map has none of them; the first is "7"/,
    ],
    [
      'a pattern that finds nothing',
      'attributes: { cat: { column: cat, match: "[a-z]+" } }',
      /impressions\.items\.attributes\.cat: .* its pattern finds nothing in them/,
    ],
    ['a vector of words', 'vectors: { image: clicked }', /impressions\.items\.vectors\.image: /],
    [
      'a rate that is never there',
      'negativeSamplingRate: rate',
      /impressions\.items\.negativeSamplingRate: is empty in every row, so that each counts as 1/,
    ],
    [
      'positions from 0',
      'position: { column: cat, plus: -7 }',
      /impressions\.items\.position: 1 lists have an item before position 1, .* write plus: 1/,
    ],
    [
      'a pattern of columns that there are none of',
      'attributeColumns: ["user_*"]',
      /no row has a column like "user_\*"/,
    ],
  ])('a value that no row gives: %s', (_, field, why) => refused(imported(log(), items(`, ${field}`)), why));

  it('a text where one of a few words belongs', () =>
    refused(
      imported(log(), items().replace('SEARCH', 'clicked')),
      /impressions: fits 2 times.* without surface; impressions\.surface: .* none is one of SEARCH, AD, RECOMMENDATION/,
    ));

  it('a word that is written another way, with the word', () =>
    refused(
      imported(log(), items().replace('SEARCH', 'search')),
      /no column "search"\. Did you mean the word SEARCH\?/,
    ));

  it('a column to fill down that no row has', () =>
    refused(
      imported(log(), `source: { fillDown: [dya] }\n${items()}`),
      /source\.fillDown: no row has a value in "dya"/,
    ));

  it('all of them at once', () =>
    refused(
      imported(log(), items(', price: clicked, attributeColumns: x_*', one)),
      /interactions\.0.*impressions\.items\.price.*x_\*/s,
    ));

  it('a log without rows', async () => {
    for (const text of ['', COLUMNS])
      await expect(imported(log(text), items())).rejects.toMatchObject({
        code: 'import-file-invalid',
        message: expect.stringContaining('it has no rows') as string,
      });
  });
});

describe('what is left out is counted', () => {
  it('rows of a table that cannot be read', async () => {
    put('titles.ndjson', '{"id":"a","title":"Lamp"}\n{"id":"b","title":\n');
    const { summary } = await imported(
      log(),
      `tables: { t: { file: titles.ndjson, key: id } }\n${items(', title: { table: t, column: title }')}`,
    );
    expect(summary.dropped).toEqual({ 'tables.t: not JSON': 1 });
  });

  it('rows of a kind that recordType does not name', async () => {
    const { summary } = await imported(
      put('log.csv', 'Q,r1,s1,1541599523,a\nX,what\nQ,r2,s1,1541599524,b\n'),
      `source: { recordType: { cell: 1, headers: { Q: [kind, request, session, time, item] } } }\n${items('', '')}`,
    );
    expect(summary).toMatchObject({ rows: 3, lists: 2, dropped: { 'kind of row that recordType does not name': 1 } });
  });

  it('a column that stands twice in the header is a mistake where the mapping names it, and else is none', async () => {
    const twice = (name: string): string => log(LOG.replaceAll(',cat', `,${name}`));
    await refused(imported(twice('item'), items()), /the header has "item" twice; name the columns in source\.header/);
    expect((await imported(twice('rate'), items())).summary.lists).toBe(1);
  });
});

describe('what may come to nothing is asked for by optional: true', () => {
  it('a rule, its paths too, and the summary names it', async () => {
    const made = await imported(
      log(),
      items('', `${CLICKS.slice(0, -2)}, { when: { column: bought, equals: 1 }, optional: true, type: PURCHASE }]`),
    );
    expect(labels(made)).toEqual(['r1 a *', 'r1 b']);
    expect(made.summary.unusedRules).toEqual(['interactions.1 (PURCHASE)']);
  });

  it('a rule for lists', async () => {
    const both = items().replace('impressions: {', 'impressions:\n  - {').replace('} }\n', '} }\n');
    const ads = `  - { ${HEAD.replace('SEARCH', 'AD')}, when: { column: cat, equals: ad }, optional: true, items: { itemId: item } }\n`;
    const made = await imported(log(), both.replace('interactions:', `${ads}interactions:`));
    expect(made.summary).toMatchObject({ lists: 1, unusedRules: ['impressions.1'] });
  });

  it('clicks of what the log does not show, a table without the keys, a value of another kind', async () => {
    put('titles.csv', 'id,title\n007,Lamp\n');
    const { summary } = await imported(
      log(),
      `tables: { t: { file: titles.csv, key: id } }\n${items(
        ', title: { table: t, column: title, optional: true }, price: { column: clicked, optional: true }',
        CLICKS.replace('type: CLICK', 'type: CLICK, optional: true, itemId: cat'),
      )}`,
    );
    expect(summary).toMatchObject({
      interactions: { CLICK: 1 },
      ignoredValues: { price: 2, 'no such key in t': 2 },
    });
  });

  it('a field that is empty in every row is a doubt and no mistake', async () => {
    const { summary } = await imported(log(), items(', title: rate'));
    expect(summary.doubts).toEqual(['impressions.items.title is empty in every row']);
    rmSync(path('out'), { recursive: true });
    const asked = await imported(log(), items(', title: { column: rate, optional: true }'));
    expect(asked.summary).not.toHaveProperty('doubts');
  });
});

it.each([
  ['ms', '1970-01-18'],
  ['s, times: 1000', '[+]0'],
])('times that no log has are a doubt: %s', async (unit, when) => {
  const { summary } = await imported(
    log(),
    items().replace('eventTimeMs: time', `eventTimeMs: { column: time, time: ${unit} }`),
  );
  expect(summary.doubts).toEqual([expect.stringMatching(new RegExp(`events are from ${when}.*is the unit`))]);
});

describe('one interaction of a shown item answers for its rule', () => {
  const events = 'kind,time,session,request,items\n';
  const mapping = `impressions: { shape: row-per-list, when: { column: kind, equals: list }, requestId: request, sessionId: session, eventTimeMs: time, surface: SEARCH, items: { itemId: { column: items, split: " " } } }
interactions: [{ when: { column: kind, equals: click }, type: CLICK, itemId: items`;
  const list = 'list,1541599523,s1,r1,a b\n';

  it.each([
    ['by request, after its list', `${list}click,1541599524,s1,r1,b\n`, ', requestId: request'],
    ['by request, before its list', `click,1541599524,s1,r1,b\n${list}`, ', requestId: request'],
    [
      'by request, of the same user',
      `${list}click,1541599524,s9,r1,b\n`,
      ', requestId: request',
      ', userId: { constant: u }',
    ],
    ['by session', `${list}click,1541599524,s1,,b\n`, ''],
    ['beside others that are of none', `click,1541599524,s2,,z\n${list}click,1541599524,s1,,a\n`, ''],
    ['by an impression id', `${list}click,1541599524,s1,,b\n`, ', impressionId: { constant: "r1#2" }'],
  ])('%s', async (_, rows, own, ofList = '') => {
    const text = mapping.replace(', eventTimeMs', `${ofList}, eventTimeMs`);
    const { summary } = await imported(put('log.csv', events + rows), `${text}${own} }]\n`);
    expect(summary.lists).toBe(1);
  });

  it('in a log too long to remember, a rule of which none is known is a doubt', () => {
    const matching = new Matching(parseMapping(`${mapping} }]\n`), 3);
    const shop = { requestId: 'r1', sessionId: 's1' };
    matching.list(shop, [{ itemId: 'a' }, { itemId: 'b' }]);
    matching.interaction(0, { sessionId: 's2', itemId: 'a' });
    expect(matching.isWhole).toBe(false);
    expect(matching.unmatched().get(0)).toMatch(/item "a", session "s2"/);
    // What was shown first is remembered still, and what comes later is looked for.
    matching.interaction(0, { sessionId: 's1', itemId: 'a' });
    expect(matching.unmatched().size).toBe(0);
  });
});
