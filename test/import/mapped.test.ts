import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEventFile, findEventFile } from '../../src/adapters/event-files/index.js';
import type { ImpressionList, Interaction } from '../../src/events/words.js';
import { importMapped } from '../../src/import/import-mapped.js';

const BANDIT = join(process.env['SLUICE_DATA'] ?? '../shared/data', 'open-bandit');
const FIXTURES = join(import.meta.dirname, '../fixtures/mapping');

/** The example as docs/how/mapping.md prints it: the page is what is tested. */
const example = (name: string): string => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/how/mapping.md'), 'utf8');
  return new RegExp(`<!-- example: ${name} -->\\s*\`\`\`yaml\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!;
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-mapped-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = async (log: string, mapping: string) => {
  const mappingPath = join(folder, 'mapping.yaml');
  writeFileSync(mappingPath, mapping);
  const out = join(folder, 'out');
  const summary = await importMapped(log, mappingPath, out);
  const lists: ImpressionList[] = [];
  const interactions: Interaction[] = [];
  const files = readdirSync(out);
  if (files.includes('impressions.ndjson'))
    for await (const { record } of readEventFile(findEventFile(out, 'impressions'))) lists.push(record as never);
  if (files.includes('interactions.ndjson'))
    for await (const { record } of readEventFile(findEventFile(out, 'interactions')))
      interactions.push(record as never);
  return { summary, lists, interactions, files };
};
const log = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('importing a log by a mapping', () => {
  it('one row a list: parallel columns become items, and what lacks a field is counted', async () => {
    const { summary, lists, interactions } = await run(join(FIXTURES, 'sessions.csv'), example('sessions'));
    expect(lists).toEqual([
      {
        requestId: 's2-1',
        eventTimeMs: 1541599500000,
        surface: 'SEARCH',
        sessionId: 's2',
        userId: 'u2',
        query: 'Lyon',
        context: { device: 'mobile' },
        items: [{ itemId: '5', position: 1, price: 12, currency: 'EUR' }],
      },
      {
        requestId: 's1-2',
        eventTimeMs: 1541599560000,
        surface: 'SEARCH',
        sessionId: 's1',
        userId: 'u1',
        query: 'Marseille, France',
        context: { device: 'tablet', filters: 'Spa' },
        items: [
          { itemId: '10', position: 1, price: 71, currency: 'EUR' },
          { itemId: '20', position: 2, price: 107, currency: 'EUR' },
          { itemId: '30', position: 3, currency: 'EUR' },
        ],
      },
    ]);
    expect(
      interactions.map(({ type, itemId, eventTimeMs, requestId }) => [type, itemId, eventTimeMs, requestId]),
    ).toEqual([
      ['CLICK', '5', 1541599500001, 's2-1'],
      ['CLICK', '5', 1541599501001, 's2-2'],
      ['VIEW', '20', 1541599553000, undefined],
      ['CLICK', '20', 1541599560001, 's1-2'],
    ]);
    expect(summary).toEqual({
      rows: 7,
      lists: 2,
      impressions: 4,
      interactions: { VIEW: 1, CLICK: 3 },
      dropped: {
        'list without items': 1,
        'row fits no rule': 1,
        'list without eventTimeMs': 1,
        'interaction without eventTimeMs': 1,
        'wrong number of columns': 1,
      },
      ignoredValues: { price: 1 },
    });
  });

  it('nested JSON: elements become items, rules look at each of them', async () => {
    const { summary, lists, interactions } = await run(join(FIXTURES, 'nested.ndjson'), example('nested'));
    expect(lists).toEqual([
      {
        requestId: 'p1',
        eventTimeMs: Date.parse('2024-05-01T10:00:00Z'),
        surface: 'SEARCH',
        sessionId: 's1',
        userId: '7',
        query: 'red shoe',
        vectors: [{ name: 'query', values: [0.6, 0.8] }],
        items: [
          {
            itemId: 'a',
            position: 1,
            title: 'Red shoe',
            price: 49.99,
            currency: 'EUR',
            vectors: [{ name: 'image', values: [0.1, -0.2] }],
          },
          { itemId: 'b', position: 2, title: 'Blue shoe', price: 39.99, currency: 'EUR' },
        ],
      },
      {
        requestId: 'p2',
        eventTimeMs: 1714557660000,
        surface: 'AD',
        sessionId: 'c9',
        items: [{ itemId: 'z', position: 1 }],
      },
    ]);
    expect(
      interactions.map(({ type, itemId, value, dwellMs, eventTimeMs }) => [
        type,
        itemId,
        value,
        dwellMs,
        eventTimeMs - lists[0]!.eventTimeMs,
      ]),
    ).toEqual([
      ['CLICK', 'a', undefined, 12_000, 1],
      ['PURCHASE', 'a', 49.99, undefined, 60_000],
    ]);
    expect(summary.dropped).toEqual({ 'not JSON': 1, 'item without itemId': 1, 'list without sessionId': 1 });
    expect(summary.ignoredValues).toEqual({ 'vectors.image': 1, 'vectors.query': 1 });
  });

  const rowPerImpression = (more = ''): string =>
    `impressions: { shape: row-per-impression, requestId: r, eventTimeMs: t, surface: SEARCH, sessionId: s, items: { itemId: i }${more} }\ninteractions: [{ when: { column: c, equals: 1 }, type: CLICK }]`;

  it('rows of one request become one list, wherever they stand, numbered in order', async () => {
    const rows = 't,r,s,i,c\n5,r1,s1,a,0\n6,r2,s2,x,1\n5,r1,s1,b,1\n6,r2,s2,y,0\n5,r1,s1,c,0\n';
    const { lists, interactions, summary } = await run(log('log.csv.gz', gzipSync(rows)), rowPerImpression());
    expect(
      lists.map(({ requestId, items }) => [requestId, items.map(({ itemId, position }) => `${itemId}${position}`)]),
    ).toEqual([
      ['r1', ['a1', 'b2', 'c3']],
      ['r2', ['x1', 'y2']],
    ]);
    expect(interactions.map(({ requestId, itemId, interactionId }) => [requestId, itemId, interactionId])).toEqual([
      ['r1', 'b', 'CLICK:r1:b:5001'],
      ['r2', 'x', 'CLICK:r2:x:6001'],
    ]);
    expect(summary).toMatchObject({ lists: 2, impressions: 5, dropped: {} });
  });

  it('open lists are bounded', async () => {
    const rows = 't,r,s,i,c\n5,r1,s1,a,0\n6,r2,s2,x,1\n5,r1,s1,b,0\n';
    const { lists } = await run(log('log.csv', rows), rowPerImpression(', maxOpenLists: 1'));
    expect(lists.map(({ items }) => items.length)).toEqual([1, 1, 1]);
  });

  it('a mapping with one section leaves the other file alone', async () => {
    const rows = 't,r,s,i,c\n5,r1,s1,a,1\n';
    await run(log('log.csv', rows), rowPerImpression());
    rmSync(join(folder, 'out', 'interactions.ndjson'));
    const again = await run(
      log('clicks.tsv', 'when\tsession\titem\tkind\n2020-01-01 00:00\ts1\ta\tbuy\n2020-01-02 00:00\ts1\ta\tnod\n'),
      'interactions: [{ type: { column: kind, map: { buy: PURCHASE } }, eventTimeMs: when, sessionId: session, itemId: item }]',
    );
    expect(again.lists).toHaveLength(1);
    expect(again.interactions.map(({ type, eventTimeMs }) => [type, eventTimeMs])).toEqual([
      ['PURCHASE', Date.UTC(2020, 0, 1)],
    ]);
    expect(again.summary.dropped).toEqual({ 'interaction without type': 1 });
  });

  it('a log that breaks off half way leaves no files', async () => {
    await expect(run(log('log.csv', 't,r,s,i,c\n5,r1,s1,a,1\n"5,r1'), rowPerImpression())).rejects.toMatchObject({
      code: 'import-file-invalid',
    });
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  it.skipIf(!existsSync(BANDIT))(
    'the Open Bandit logs come in whole, with propensities, positions and clicks',
    async () => {
      let clicks = 0;
      for (const [name, items] of [
        ['random-men', 34],
        ['random-women', 46],
      ] as const) {
        rmSync(join(folder, 'out'), { recursive: true, force: true });
        const { summary, lists, interactions } = await run(join(BANDIT, `${name}.csv.gz`), example('open-bandit'));
        expect(summary).toMatchObject({
          rows: 10_000,
          lists: 10_000,
          impressions: 10_000,
          dropped: {},
          ignoredValues: {},
        });
        for (const { items: shown, context } of lists) {
          expect(shown).toHaveLength(1);
          expect([1, 2, 3]).toContain(shown[0]!.position);
          expect(shown[0]!.propensity).toBeCloseTo(1 / items, 12);
          expect(Object.keys(context!)).toHaveLength(4);
          expect(Object.keys(shown[0]!.attributes!)).toHaveLength(items);
        }
        const shownItem = new Map(lists.map((list) => [list.requestId, list.items[0]!.itemId]));
        for (const { requestId, itemId } of interactions) expect(shownItem.get(requestId!)).toBe(itemId);
        clicks += interactions.length;
      }
      expect(clicks).toBe(92);
    },
  );
});
