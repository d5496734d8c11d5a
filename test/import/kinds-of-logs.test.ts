import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { importKit, labels } from './kit.js';

const { put, imported } = importKit();
const FIXTURES = join(import.meta.dirname, '../fixtures/logs');
const ndjson = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
/** The labels that plain code counts: what was shown, and whether it is among what was clicked. */
const expected = (
  shown: readonly (readonly [request: string, items: readonly string[], clicked: readonly string[]])[],
) =>
  shown
    .flatMap(([request, items, clicked]) =>
      items.map((item) => (clicked.includes(item) ? `${request} ${item} *` : `${request} ${item}`)),
    )
    .sort();

describe('each kind of log comes in by its mapping alone, with the labels that plain code counts', () => {
  it('news lists with item and label in one token, American times, titles in a second file', async () => {
    const rows = [
      ['1', 'U1', '11/11/2019 9:05:58 AM', 'N3 N4', 'N1-0 N2-1 N5-0'],
      ['2', 'U2', '11/12/2019 6:11:30 PM', '', 'N5-1 N1-1'],
      ['3', 'U1', '11/13/2019 12:00:01 AM', 'N3', 'N2-0'],
    ];
    put('news.tsv', 'N1\tsports\tGoal! "Late" win\nN2\tnews\tRain, "again\nN5\tfood\tSoup\n');
    const log = put('behaviors.tsv', rows.map((row) => `${row.join('\t')}\n`).join(''));
    const made = await imported(
      log,
      `source: { header: [id, user, time, history, shown], quote: none }
tables:
  news: { file: news.tsv, key: id, quote: none, header: [id, category, title] }
impressions:
  shape: row-per-list
  requestId: id
  sessionId: user
  eventTimeMs: { column: time, time: "M/d/yyyy h:mm:ss a" }
  surface: RECOMMENDATION
  items:
    itemId: { column: shown, split: " ", match: "^(.+)-[01]$" }
    title: { table: news, column: title }
    category: { table: news, column: category }
interactions:
  - { perItem: true, when: { column: shown, split: " ", match: "-([01])$", equals: 1 }, type: CLICK }
`,
    );
    const tokens = (cell: string) => cell.split(' ').map((token) => token.split('-') as [string, string]);
    expect(labels(made)).toEqual(
      expected(
        rows.map(([id, , , , shown]) => [
          id!,
          tokens(shown!).map(([item]) => item),
          tokens(shown!).flatMap(([item, label]) => (label === '1' ? item : [])),
        ]),
      ),
    );
    expect(made.lists.map(({ eventTimeMs }) => eventTimeMs)).toEqual([
      Date.UTC(2019, 10, 11, 9, 5, 58),
      Date.UTC(2019, 10, 12, 18, 11, 30),
      Date.UTC(2019, 10, 13, 0, 0, 1),
    ]);
    expect(made.lists[0]!.items.map(({ title }) => title)).toEqual(['Goal! "Late" win', 'Rain, "again', 'Soup']);
    expect(made.summary.dropped).toEqual({});
  });

  const SEARCHES = [
    ['r1', ['a', 'b', 'c'], ['a', 'c']],
    ['r2', ['a', 'd'], ['d']],
    ['r3', ['x', 'a'], []],
  ] as const;
  const SEARCH = `impressions:
  shape: row-per-list
  requestId: request
  sessionId: request
  eventTimeMs: { column: time, time: s }
  surface: SEARCH
`;

  it.each([
    [
      'as a rule',
      `  items: { itemId: { column: shown, split: "|" } }\ninteractions:\n  - { type: CLICK, itemId: { column: clicked, split: "|" } }\n`,
    ],
    [
      'as membership',
      `  items: { itemId: { column: shown, split: "|" } }\ninteractions:\n  - { perItem: true, type: CLICK, when: { column: shown, split: "|", among: { column: clicked, split: "|" } } }\n`,
    ],
  ])('searches with the clicked ids in one cell, %s', async (_, rest) => {
    const cells = SEARCHES.map(
      ([id, shown, clicked], at) => `${1541599523 + at},${id},${shown.join('|')},${clicked.join('|')}\n`,
    );
    const made = await imported(put('log.csv', `time,request,shown,clicked\n${cells.join('')}`), SEARCH + rest);
    expect(labels(made)).toEqual(expected(SEARCHES));
    expect(made.summary).toMatchObject({ interactions: { CLICK: 3 }, dropped: {} });
  });

  it.each([
    ['JSON', (list: readonly string[]) => `"${JSON.stringify(list).replaceAll('"', '""')}"`],
    ['Python', (list: readonly string[]) => `"[${list.map((id) => `'${id}'`).join(', ')}]"`],
  ])('searches with lists as %s prints them, in cells', async (_, cell) => {
    const cells = SEARCHES.map(
      ([id, shown, clicked], at) => `${1541599523 + at},${id},${cell(shown)},${cell(clicked)}\n`,
    );
    const made = await imported(
      put('log.csv', `time,request,shown,clicked\n${cells.join('')}`),
      `${SEARCH}  items: { itemId: shown }\ninteractions: [{ type: CLICK, itemId: clicked }]\n`,
    );
    expect(labels(made)).toEqual(expected(SEARCHES));
    expect(made.summary.dropped).toEqual({});
  });

  it('hits as objects, and clicks as objects beside them', async () => {
    const rows = SEARCHES.map(([request, shown, clicked], at) => ({
      request,
      time: 1541599523 + at,
      hits: shown.map((id) => ({ id })),
      clicks: clicked.map((id) => ({ target: { id } })),
    }));
    const made = await imported(
      put('log.ndjson', ndjson(rows)),
      `${SEARCH}  items: { each: hits, itemId: id }\ninteractions:\n  - { perItem: true, type: CLICK, when: { column: id, among: "../clicks[].target.id" } }\n`,
    );
    expect(labels(made)).toEqual(expected(SEARCHES));
  });

  it('a session with its pages and events in one row', async () => {
    const session = {
      session: 's1',
      user: { id: 7 },
      pages: [
        { view: 'v1', at: '2024-05-01T10:00:00Z', products: [{ sku: 'a' }, { sku: 'b' }] },
        { view: 'v2', at: '2024-05-01T10:05:00Z', products: [{ sku: 'b' }, { sku: 'c' }] },
      ],
      events: [
        { type: 'click', view: 'v1', sku: 'b', at: '2024-05-01T10:00:09Z' },
        { type: 'scroll', view: 'v1', at: '2024-05-01T10:00:10Z' },
        { type: 'buy', view: 'v2', sku: 'c', at: '2024-05-01T10:06:00Z', paid: '1.299,00 €' },
      ],
    };
    const made = await imported(
      put('log.ndjson', ndjson([session])),
      `impressions:
  shape: row-per-list
  each: pages
  requestId: view
  sessionId: /session
  userId: /user.id
  eventTimeMs: at
  surface: RECOMMENDATION
  items: { each: products, itemId: sku }
interactions:
  - each: events
    when: { column: type, in: [click, buy] }
    type: { column: type, map: { click: CLICK, buy: PURCHASE } }
    itemId: sku
    requestId: view
    sessionId: /session
    eventTimeMs: at
    value: { column: paid, decimal: ",", optional: true }
`,
    );
    expect(labels(made)).toEqual(['v1 a', 'v1 b *', 'v2 b', 'v2 c']);
    expect(labels(made, 'PURCHASE')).toEqual(['v1 a', 'v1 b', 'v2 b', 'v2 c *']);
    expect(made.interactions.map(({ value }) => value)).toEqual([undefined, 1299]);
    expect(made.lists.map(({ sessionId, userId }) => [sessionId, userId])).toEqual([
      ['s1', '7'],
      ['s1', '7'],
    ]);
  });

  it('orders with many products, each an interaction with its own value', async () => {
    const orders = [
      {
        order: 'o1',
        cart: 's1',
        at: 1714557600,
        lines: [
          { sku: 'a', qty: 2 },
          { sku: 'b', qty: 1 },
        ],
      },
      { order: 'o2', cart: 's2', at: 1714557700, lines: [{ sku: 'c', qty: 5 }] },
    ];
    const made = await imported(
      put('orders.ndjson', ndjson(orders)),
      `interactions:
  - { each: lines, type: PURCHASE, itemId: sku, value: qty, sessionId: /cart, eventTimeMs: { column: ../at, time: s }, interactionId: "{/order}-{sku}" }
`,
    );
    expect(made.interactions.map(({ interactionId, sessionId, value }) => [interactionId, sessionId, value])).toEqual(
      orders.flatMap(({ order, cart, lines }) => lines.map(({ sku, qty }) => [`${order}-${sku}`, cart, qty])),
    );
  });

  it('GA4 events: parameters picked by their key, all kinds of event in one log', async () => {
    const event = (name: string, us: number, items: unknown[], params: Record<string, unknown>) => ({
      event_name: name,
      event_timestamp: String(us),
      user_pseudo_id: 'p.1',
      event_params: Object.entries({ ga_session_id: { int_value: '99' }, ...params }).map(([key, value]) => ({
        key,
        value,
      })),
      items,
    });
    const t0 = 1714557600_000_000;
    const rows = [
      event('page_view', t0 - 1, [], {}),
      event(
        'view_search_results',
        t0,
        [
          { item_id: 'a', price: 3 },
          { item_id: 'b', price: 4 },
        ],
        {
          search_term: { string_value: 'red shoe' },
          request: { string_value: 'q1' },
        },
      ),
      event('select_item', t0 + 5_000_000, [{ item_id: 'b' }], { request: { string_value: 'q1' } }),
      event(
        'purchase',
        t0 + 9_000_000,
        [
          { item_id: 'a', price: 3 },
          { item_id: 'b', price: 4 },
        ],
        {
          request: { string_value: 'q1' },
        },
      ),
    ];
    const made = await imported(
      put('ga4.ndjson', ndjson(rows)),
      `impressions:
  shape: row-per-list
  when: { column: event_name, equals: view_search_results }
  requestId: event_params[key=request].value.string_value
  sessionId: "{user_pseudo_id}.{event_params[key=ga_session_id].value.int_value}"
  eventTimeMs: { column: event_timestamp, time: us }
  surface: SEARCH
  query: event_params[key=search_term].value.string_value
  items: { each: items, itemId: item_id, price: price }
interactions:
  - { when: { column: event_name, equals: select_item }, type: CLICK, itemId: "items[].item_id", requestId: "event_params[key=request].value.string_value" }
  - { when: { column: event_name, equals: purchase }, type: PURCHASE, itemId: "items[].item_id", value: "items[].price", requestId: "event_params[key=request].value.string_value" }
`,
    );
    expect(labels(made)).toEqual(['q1 a', 'q1 b *']);
    expect(labels(made, 'PURCHASE')).toEqual(['q1 a *', 'q1 b *']);
    expect(made.lists[0]).toMatchObject({ sessionId: 'p.1.99', query: 'red shoe', eventTimeMs: t0 / 1000 });
    expect(made.interactions.map(({ value }) => value)).toEqual([undefined, 3, 4]);
    expect(made.summary.dropped).toEqual({ 'row fits no rule': 1 });
  });

  it.each([
    ['as they are', (properties: unknown) => properties],
    ['in a text that is JSON', (properties: unknown) => JSON.stringify(properties)],
  ])('Segment events, their properties %s', async (_, written) => {
    const events = [
      ['Product List Viewed', { list_id: 'l1', products: [{ product_id: 'a' }, { product_id: 'b' }] }],
      ['Product Clicked', { list_id: 'l1', product_id: 'a' }],
      ['Order Completed', { order_id: 'o1', list_id: 'l1', products: [{ product_id: 'a' }, { product_id: 'b' }] }],
    ] as const;
    const mapping = `impressions:
  shape: row-per-list
  when: { column: event, equals: Product List Viewed }
  requestId: properties.list_id
  sessionId: { firstOf: [userId, anonymousId] }
  eventTimeMs: { column: timestamp, time: iso }
  surface: RECOMMENDATION
  items: { each: properties.products, itemId: product_id }
interactions:
  - { when: { column: event, equals: Product Clicked }, type: CLICK, itemId: properties.product_id, requestId: properties.list_id }
  - { when: { column: event, equals: Order Completed }, type: PURCHASE, itemId: "properties.products[].product_id", requestId: properties.list_id }
`;
    const rows = events.map(([event, properties], at) => ({
      event,
      properties: written(properties),
      anonymousId: 'x',
      timestamp: `2024-05-01T10:00:0${at}Z`,
    }));
    const made = await imported(put('segment.ndjson', ndjson(rows)), mapping);
    expect(labels(made)).toEqual(['l1 a *', 'l1 b']);
    expect(labels(made, 'PURCHASE')).toEqual(['l1 a *', 'l1 b *']);
  });

  it('a warehouse export with JSON in a cell, walked into by a path', async () => {
    const cell = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
    const made = await imported(
      put(
        'export.csv',
        `id,at,payload\nr1,2024-05-01 10:00:00,${cell({ session: { id: 's' }, hits: [{ id: 'a' }, { id: 'b', clicked: true }] })}\n`,
      ),
      `impressions:
  { shape: row-per-list, requestId: id, sessionId: payload.session.id, eventTimeMs: { column: at, zone: America/New_York }, surface: SEARCH, items: { each: payload.hits, itemId: id } }
interactions:
  - { perItem: true, when: { column: clicked, equals: true }, type: CLICK }
`,
    );
    expect(labels(made)).toEqual(['r1 a', 'r1 b *']);
    expect(made.lists[0]!.eventTimeMs).toBe(Date.UTC(2024, 4, 1, 14));
  });

  it('rows of several kinds with their own columns, some said once for those that follow, cells without an end', async () => {
    // Session, then by kind of row: M day user; Q time request terms and the shown ids; C time request the clicked id.
    const log = [
      '7 M 3 u9',
      '7 Q 10 0 red,shoe a b c',
      '7 C 25 0 b',
      '7 Q 90 1 hat d',
      '8 M 4 u2',
      '8 Q 5 0 bag a e',
      '8 C 6 0 e',
    ];
    const made = await imported(
      put('log.tsv', `${log.map((row) => row.replaceAll(' ', '\t')).join('\n')}\n`),
      `source:
  recordType:
    cell: 2
    headers: { M: [session, kind, day, user], Q: [session, kind, passed, request, terms, shown...], C: [session, kind, passed, request, clicked] }
  fillDown: [day, user]
impressions:
  shape: row-per-list
  when: { column: kind, equals: Q }
  requestId: "{session}.{request}"
  sessionId: session
  userId: user
  eventTimeMs: { sum: [{ column: day, times: 86400000, plus: 1577836800000 }, { column: passed, times: 1000 }], time: ms }
  surface: SEARCH
  query: terms
  items: { itemId: shown }
interactions:
  - { when: { column: kind, equals: C }, type: CLICK, itemId: clicked, requestId: "{session}.{request}" }
`,
    );
    const rows = log.map((row) => row.split(' '));
    const clicks = rows
      .filter(([, kind]) => kind === 'C')
      .map(([session, , , request, id]) => [`${session}.${request}`, id!] as const);
    expect(labels(made)).toEqual(
      expected(
        rows
          .filter(([, kind]) => kind === 'Q')
          .map(([session, , , request, , ...shown]) => {
            const own = `${session}.${request}`;
            return [own, shown, clicks.flatMap(([of, id]) => (of === own ? id : []))];
          }),
      ),
    );
    expect(made.lists.map(({ userId, eventTimeMs }) => [userId, eventTimeMs])).toEqual([
      ['u9', Date.UTC(2020, 0, 4, 0, 0, 10)],
      ['u9', Date.UTC(2020, 0, 4, 0, 1, 30)],
      ['u2', Date.UTC(2020, 0, 5, 0, 0, 5)],
    ]);
  });

  it('clicks with a request id and no session, which a second file knows', async () => {
    put('shown.csv', 'request,session,item\nr1,s1,a\nr2,s2,b\n');
    const made = await imported(
      put('clicks.csv', 'at,request,item\n1714557600,r2,b\n1714557601,r9,a\n'),
      `tables: { shown: { file: shown.csv, key: request } }
interactions:
  - { type: CLICK, itemId: item, requestId: request, eventTimeMs: at, sessionId: { table: shown, key: request, column: session } }
`,
    );
    expect(made.interactions.map(({ sessionId, itemId }) => [sessionId, itemId])).toEqual([['s2', 'b']]);
    expect(made.summary).toMatchObject({
      dropped: { 'interaction without sessionId': 1 },
      ignoredValues: { 'no such key in shown': 1 },
    });
  });

  it('a web server log, cut by regular expressions, with dates as words', async () => {
    const lines = [
      '10.0.0.1 [10/Oct/2023:13:55:36 -0700] "GET /search?q=red+shoe%C3%A9&r=q7 HTTP/1.1" hits=a;b;c',
      '10.0.0.1 [10/Oct/2023:13:55:50 -0700] "GET /item/b?r=q7 HTTP/1.1" hits=-',
    ];
    const made = await imported(
      put('access.log', `${lines.join('\n')}\n`),
      `source: { format: csv, delimiter: "\\u0001", quote: none, header: [line] }
impressions:
  shape: row-per-list
  when: { column: line, matches: '"GET /search' }
  requestId: { column: line, match: '[?&]r=(\\w+)' }
  sessionId: { column: line, match: '^\\S+' }
  eventTimeMs: { column: line, match: '\\[(.+?)\\]', time: "dd/MMM/yyyy:HH:mm:ss Z" }
  surface: SEARCH
  query: { column: line, match: '[?&]q=([^& ]*)', decode: url }
  items: { itemId: { column: line, findAll: '(?:hits=|;)(\\w+)' } }
interactions:
  - { when: { column: line, matches: '"GET /item/' }, type: CLICK, itemId: { column: line, match: 'GET /item/(\\w+)' }, requestId: { column: line, match: '[?&]r=(\\w+)' } }
`,
    );
    expect(labels(made)).toEqual(['q7 a', 'q7 b *', 'q7 c']);
    expect(made.lists[0]).toMatchObject({ query: 'red shoeé', eventTimeMs: Date.UTC(2023, 9, 10, 20, 55, 36) });
    expect(made.interactions[0]!.eventTimeMs).toBe(Date.UTC(2023, 9, 10, 20, 55, 50));
  });

  it('a time from two columns, prices as people write them', async () => {
    const made = await imported(
      put(
        'log.csv',
        'date,clock,request,item,price,clicked\n31.12.2023,23:59,r1,a,"€ 1.234,50",0\n31.12.2023,23:59,r1,b,"7,–",1\n01.07.2024,09:30,r2,a,"-3,5 %",0\n',
      ),
      `impressions:
  shape: row-per-impression
  requestId: request
  sessionId: request
  eventTimeMs: { template: "{date} {clock}", time: "dd.MM.yyyy HH:mm", zone: Europe/Berlin }
  surface: SEARCH
  items: { itemId: item, price: { column: price, decimal: "," } }
interactions: [{ when: { column: clicked, equals: 1 }, type: CLICK }]
`,
    );
    expect(made.lists.map(({ eventTimeMs }) => eventTimeMs)).toEqual([
      Date.UTC(2023, 11, 31, 22, 59),
      Date.UTC(2024, 6, 1, 7, 30),
    ]);
    expect(made.lists.flatMap(({ items }) => items.map(({ price }) => price))).toEqual([1234.5, undefined, -3.5]);
    expect(labels(made)).toEqual(['r1 a', 'r1 b *', 'r2 a']);
  });

  it('two lists in one message: results and ads', async () => {
    const made = await imported(
      put('log.ndjson', ndjson([{ id: 'p', at: 1714557600, organic: ['a', 'b'], ads: [{ ad: 'x' }], clicked: 'x' }])),
      `impressions:
  - { shape: row-per-list, requestId: "{id}", sessionId: id, eventTimeMs: at, surface: SEARCH, items: { itemId: organic } }
  - { shape: row-per-list, requestId: "{id}-ads", sessionId: id, eventTimeMs: at, surface: AD, items: { each: ads, itemId: ad } }
interactions:
  - { perItem: true, when: { any: [{ column: ad, among: /clicked, optional: true }, { column: organic, among: /clicked }] }, type: CLICK }
`,
    );
    expect(made.lists.map(({ requestId, surface, items }) => [requestId, surface, items.length])).toEqual([
      ['p', 'SEARCH', 2],
      ['p-ads', 'AD', 1],
    ]);
    expect(labels(made)).toEqual(['p a', 'p b', 'p-ads x *']);
  });

  it.each(['snappy', 'zstd', 'gzip'])('Parquet packed by %s, with nested lists and times of its own', async (by) => {
    const made = await imported(
      join(FIXTURES, `lists.${by}.parquet`),
      `impressions: { shape: row-per-list, requestId: request, sessionId: session, userId: big, eventTimeMs: at, surface: SEARCH, items: { each: shown, itemId: id, price: price } }
interactions: [{ type: CLICK, itemId: clicked }]
`,
    );
    expect(labels(made)).toEqual(
      expected(
        [0, 1, 2, 3, 4, 5].map((i) => [`r${i}`, [1, 2, 3].map((j) => `i${i}${j}`), i % 2 === 0 ? [`i${i}2`] : []]),
      ),
    );
    expect(made.lists[5]).toMatchObject({
      userId: String(2n ** 60n + 5n),
      eventTimeMs: Date.UTC(2024, 4, 1, 10, 5, 0, 123),
      items: [{ price: 1.5 }, { price: 3 }, { price: 4.5 }],
    });
  });

  it('several files, packed or not, each with its own header', async () => {
    const mapping =
      'impressions: { shape: row-per-impression, requestId: "r{$row}", sessionId: s, eventTimeMs: t, surface: AD, items: { itemId: i } }\ninteractions: [{ when: { column: c, equals: 1 }, type: CLICK }]';
    const made = await imported(
      [
        put('monday.csv', 't,s,i,c\n5000000000,s1,a,0\n'),
        put('tuesday.csv.gz', gzipSync('c,i,s,t\n1,b,s1,5000000001\n')),
        put('wednesday', gzipSync('t,s,i,c\n5000000002,s1,c,1\n')),
      ],
      mapping,
    );
    expect(labels(made)).toEqual(['r1 a', 'r2 b *', 'r3 c *']);
  });

  it('a log of which every click and one in ten of the rest were kept: its items carry the rate', async () => {
    const log = put('sampled.csv', 'request,time,item,click\nr1,1767600000000,a,1\nr1,1767600000000,b,0\n');
    const made = await imported(
      log,
      `impressions:
  shape: row-per-impression
  requestId: request
  sessionId: request
  eventTimeMs: time
  surface: { constant: AD }
  items: { itemId: item, negativeSamplingRate: { constant: 0.1 } }
interactions:
  - { when: { column: click, equals: 1 }, type: CLICK }
`,
    );
    expect(labels(made)).toEqual(expected([['r1', ['a', 'b'], ['a']]]));
    const items = made.lists.flatMap((list) => list.items as unknown as Record<string, unknown>[]);
    expect(items.map(({ negativeSamplingRate }) => negativeSamplingRate)).toEqual([0.1, 0.1]);
  });

  it('a file packed by zstd', async () => {
    const made = await imported(
      join(FIXTURES, 'small.csv.zst'),
      'impressions: { shape: row-per-impression, requestId: "z{a}", sessionId: a, eventTimeMs: { constant: 5000000000 }, surface: AD, items: { itemId: b } }',
    );
    expect(labels(made)).toEqual(['z1 2']);
  });

  it('an explicit unit is never guessed again', async () => {
    const made = await imported(
      put('log.csv', 't,s,i\n5,s1,a\n'),
      'impressions: { shape: row-per-impression, requestId: s, sessionId: s, eventTimeMs: { column: t, time: s }, surface: AD, items: { itemId: i } }',
    );
    expect(made.lists[0]!.eventTimeMs).toBe(5_000);
  });
});
