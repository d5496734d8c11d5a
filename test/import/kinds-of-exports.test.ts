import { describe, expect, it } from 'vitest';
import { readWritten } from '../../src/import/text.js';
import { importKit, labels } from './kit.js';

const { put, imported } = importKit();
const ndjson = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('exports of shops and services come in by their mapping alone', () => {
  it('Chinese column names in GBK, dates and prices as people write them, clicks as yes and no', async () => {
    // 曝光时间,请求,会话,商品,位置,价格,点击,加购 and three rows, in GBK: a JavaScript engine only reads it.
    const text = Buffer.from(
      'xti54sqxvOQsx+vH8yy74buwLMnMxrcszrvWwyy827jxLLXju/csvNO5ugoyMDI0xOo11MIxyNUgMDk6MDM6MDUsx+sxLLvhMSy6rCwxLCKj' +
        'pDEsMjk5LjAwIizKxyzKxwoyMDI0xOo11MIxyNUgMDk6MDM6MDUsx+sxLLvhMSzN3iwyLKOkOS45MCy38Sy38QoyMDI0xOoxMtTCMzHI1SAy' +
        'Mzo1OTo1OSzH6zIsu+ExLLqsLDEso6QxOTksyscst/EK',
      'base64',
    );
    const made = await imported(
      put('log.csv', text),
      `source: { encoding: gb18030 }
impressions:
  shape: row-per-impression
  requestId: 请求
  sessionId: 会话
  eventTimeMs: { column: 曝光时间, time: "yyyy年M月d日 HH:mm:ss", zone: Asia/Shanghai }
  surface: SEARCH
  items: { itemId: 商品, position: 位置, price: { column: 价格, decimal: "." }, currency: { constant: CNY } }
interactions:
  - { when: { column: 点击, equals: 是 }, type: CLICK }
  - { when: { column: 加购, equals: 是 }, type: ADD_TO_CART }
`,
    );
    expect(labels(made)).toEqual(['请1 含 *', '请1 娃', '请2 含 *']);
    expect(made.summary).toMatchObject({ interactions: { CLICK: 2, ADD_TO_CART: 1 }, dropped: {}, ignoredValues: {} });
    expect(made.lists.map(({ eventTimeMs }) => eventTimeMs)).toEqual([
      Date.UTC(2024, 4, 1, 1, 3, 5),
      Date.UTC(2024, 11, 31, 15, 59, 59),
    ]);
    expect(made.lists.flatMap(({ items }) => items.map(({ price }) => price))).toEqual([1299, 9.9, 199]);
  });

  const PERSONALIZE = `impressions:
  shape: row-per-list
  when: { column: RECOMMENDATION_ID, present: true }
  requestId: RECOMMENDATION_ID
  sessionId: USER_ID
  eventTimeMs: { column: TIMESTAMP, time: s }
  surface: RECOMMENDATION
  items: { itemId: { column: IMPRESSION, split: "|" } }
interactions:
  - { type: { column: EVENT_TYPE, map: { click: CLICK, buy: PURCHASE } }, itemId: ITEM_ID }
`;
  const HEAD = 'USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP,IMPRESSION,RECOMMENDATION_ID\n';

  it('interactions that carry the list they were made on: as many lists as there were, however often one stands there', async () => {
    const made = await imported(
      put(
        'log.csv',
        `${HEAD}u1,b,click,1714550002,a|b|c,r1\nu1,c,click,1714550009,a|b|c,r1\nu1,c,buy,1714550050,a|b|c,r1\nu2,a,click,1714550003,a|d,r2\nu3,x,click,1714550004,,\n`,
      ),
      PERSONALIZE,
    );
    expect(labels(made)).toEqual(['r1 a', 'r1 b *', 'r1 c *', 'r2 a *', 'r2 d']);
    expect(made.summary).toMatchObject({
      lists: 2,
      impressions: 5,
      interactions: { CLICK: 4, PURCHASE: 1 },
      dropped: { 'list that a row before it held': 2 },
    });
    expect(made.summary).not.toHaveProperty('sharedRequests');
  });

  it('other items under the id of a request before are counted, for their impressions share ids', async () => {
    const made = await imported(
      put('log.csv', `${HEAD}u1,b,click,1714550002,a|b|c,r1\nu1,e,click,1714550009,d|e,r1\n`),
      PERSONALIZE,
    );
    expect(made.summary).toMatchObject({ lists: 2, sharedRequests: 1 });
  });

  it('tracking calls: lists, clicks, and orders with many products, whose session stands beside them', async () => {
    const call = (event: string, second: number, properties: object): object => ({
      anonymousId: 'a1',
      event,
      timestamp: `2024-06-01T08:00:0${second}.000Z`,
      properties,
    });
    const product = (id: string): object => ({ product_id: id, price: 19.5 });
    const made = await imported(
      put(
        'log.ndjson',
        ndjson([
          call('Product List Viewed', 0, { list_id: 'l1', products: ['p1', 'p2', 'p3'].map(product) }),
          call('Product Clicked', 3, { list_id: 'l1', product_id: 'p2' }),
          call('Order Completed', 9, { products: ['p2', 'p3'].map(product) }),
        ]),
      ),
      segment('/event'),
    );
    expect(labels(made)).toEqual(['l1 p1', 'l1 p2 *', 'l1 p3']);
    expect(made.interactions.map(({ type, itemId, sessionId }) => [type, itemId, sessionId])).toEqual([
      ['CLICK', 'p2', 'a1'],
      ['PURCHASE', 'p2', 'a1'],
      ['PURCHASE', 'p3', 'a1'],
    ]);
    expect(made.summary.dropped).toEqual({});
  });

  it('a condition inside `each` that means the row is a mistake with the right word, though other rules find the path', async () => {
    const log = put(
      'log.ndjson',
      ndjson([
        {
          anonymousId: 'a1',
          event: 'Order Completed',
          timestamp: '2024-06-01T08:00:09Z',
          properties: { products: [{ product_id: 'p2' }] },
        },
        {
          anonymousId: 'a1',
          event: 'Product Clicked',
          timestamp: '2024-06-01T08:00:03Z',
          properties: { list_id: 'l1', product_id: 'p2' },
        },
      ]),
    );
    await expect(imported(log, segment('event'))).rejects.toMatchObject({
      code: 'mapping-invalid',
      message: expect.stringContaining(
        'no element of "properties.products" has "event". The row has it: write /event.',
      ) as string,
    });
  });
});

describe('a number as people write it', () => {
  it.each([
    ['1.234,50 €', ',', 1234.5],
    ['1 234 567,5', ',', 1234567.5],
    ['616,89 EUR', '.', undefined],
    ['9.90', ',', undefined],
    ['1,299.00', ',', undefined],
    ['￥1,299.00', '.', 1299],
    ['₹12,34,567.5', '.', 1234567.5],
    ["CHF 1'000", '.', 1000],
    ['12999', ',', 12999],
    ['1,2', '.', undefined],
  ] as const)(
    '%s with the decimal sign %s is %s: with the other sign it is none, never another number',
    (text, sign, number) => {
      expect(readWritten(text, sign)).toBe(number);
    },
  );
});

const segment = (event: string): string => `impressions:
  shape: row-per-list
  when: { column: event, equals: Product List Viewed }
  requestId: properties.list_id
  sessionId: anonymousId
  eventTimeMs: timestamp
  surface: RECOMMENDATION
  items: { each: properties.products, itemId: product_id, price: price }
interactions:
  - { when: { column: event, equals: Product Clicked }, type: CLICK, itemId: properties.product_id, requestId: properties.list_id }
  - when: { column: ${event}, equals: Order Completed }
    each: properties.products
    type: PURCHASE
    itemId: product_id
    eventTimeMs: /timestamp
    value: { column: price, optional: true }
`;
