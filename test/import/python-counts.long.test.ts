import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importKit, labels } from './kit.js';

const { path, imported } = importKit();
const SCRIPT = join(import.meta.dirname, 'python/logs.py');

/** A log of this kind, made and counted by plain Python. */
interface Counted {
  readonly files: readonly string[];
  readonly [type: string]: unknown;
}

function logOf(name: string): Counted {
  const python = process.env['SLUICE_PYTHON'] ?? 'python3';
  return JSON.parse(execFileSync(python, [SCRIPT, name, path('.')], { encoding: 'utf8' })) as Counted;
}

/** A mapping that the docs ship. */
const shipped = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../docs/examples/mappings/${name}.yaml`), 'utf8');

describe('a log has the labels that plain Python counts', () => {
  it('User Behavior Insights of OpenSearch, by the mapping of the docs', async () => {
    const counted = logOf('ubi');
    const made = await imported(counted.files.map(path), shipped('ubi'));
    for (const type of ['CLICK', 'ADD_TO_CART', 'PURCHASE']) expect(labels(made, type)).toEqual(counted[type]);
    expect(made.lists.flatMap(({ items }) => items.map(({ title }) => title)).every(Boolean)).toBe(true);
    expect(made.lists.every(({ sessionId }) => /^c\d$/.test(sessionId))).toBe(true);
  });

  it('hotel searches with bookings, by the mapping of the docs', async () => {
    const counted = logOf('hotel-search');
    const made = await imported(counted.files.map(path), shipped('hotel-search'));
    for (const type of ['CLICK', 'PURCHASE']) expect(labels(made, type)).toEqual(counted[type]);
    expect(Object.fromEntries(made.lists.map((list) => [list.requestId, list.eventTimeMs]))).toEqual(counted['times']);
    const paid = made.interactions.reduce((sum, { value }) => sum + (value ?? 0), 0);
    expect(paid).toBeCloseTo(counted['paid'] as number, 2);
    for (const { items } of made.lists) {
      // A list has each of its places once, in whatever order its rows came.
      expect(items.map(({ position }) => position).sort((a, b) => a - b)).toEqual(items.map((_, at) => at + 1));
      expect(items.every(({ attributes }) => attributes?.['prop_starrating'] !== 'NULL')).toBe(true);
    }
  });

  it('ad auctions: three files without headers, joined by the bid', async () => {
    const counted = logOf('ad-auction');
    const made = await imported(
      counted.files.map(path),
      `source: { missing: ["", "null"], header: [bid, at, kind, user, site, width, height, ad, price, tags] }
impressions:
  shape: row-per-impression
  when: { column: kind, equals: 1 }
  requestId: bid
  sessionId: user
  eventTimeMs: { column: at, time: yyyyMMddHHmmssSSS }
  surface: AD
  context: { site: site, tags: tags }
  items: { itemId: ad, price: { column: price, times: 0.001 } }
interactions:
  - when: { column: kind, in: [2, 3] }
    type: { column: kind, map: { "2": CLICK, "3": PURCHASE } }
    itemId: ad
    requestId: bid
`,
    );
    for (const type of ['CLICK', 'PURCHASE']) expect(labels(made, type)).toEqual(counted[type]);
    expect(Object.fromEntries(made.lists.map((list) => [list.requestId, list.eventTimeMs]))).toEqual(counted['times']);
    expect(made.summary.dropped).toEqual({});
  });

  it('a newsletter and the log of its links: two mappings into one folder, ids in escaped addresses', async () => {
    const counted = logOf('newsletter');
    const [mails, redirects] = counted.files.map(path) as [string, string];
    const mailed = await imported(
      mails,
      `impressions:
  shape: row-per-list
  requestId: mail.id
  sessionId: mail.to.hash
  eventTimeMs: { column: mail.sent, time: s }
  surface: RECOMMENDATION
  items: { itemId: { column: "blocks[kind=products].list", split: ";" } }
`,
    );
    expect(mailed.interactions).toEqual([]);
    const link = (name: string): string => `{ column: line, match: '[?&]${name}=([^&"]*)', decode: url }`;
    const made = await imported(
      redirects,
      `source: { format: csv, delimiter: "\\u0001", quote: none, header: [line] }
interactions:
  - when: { column: line, matches: '"/r[?]' }
    type: CLICK
    itemId: ${link('p')}
    requestId: ${link('m')}
    sessionId: ${link('u')}
    eventTimeMs: { column: line, match: '^\\S+ \\S+', time: "dd/MMM/yyyy:HH:mm:ss Z" }
`,
    );
    expect(labels(made)).toEqual(counted['CLICK']);
    expect(made.summary.dropped).toEqual({ 'row fits no rule': made.summary.rows - (counted['clicks'] as number) });
  });

  it('a feed of short videos: several signals in a row', async () => {
    const counted = logOf('short-videos');
    const made = await imported(
      counted.files.map(path),
      `impressions:
  shape: row-per-impression
  requestId: "{user_id}-{time_ms}"
  sessionId: "{user_id}-{date}"
  userId: user_id
  eventTimeMs: { column: time_ms, time: ms }
  surface: RECOMMENDATION
  context: { tab: tab }
  items: { itemId: video_id, attributes: { length: duration_ms } }
interactions:
  - { when: { column: is_click, equals: 1 }, type: CLICK }
  - { when: { column: is_hate, equals: 1 }, type: DISMISS }
  - { when: { column: play_time_ms, above: 3000 }, type: VIEW, dwellMs: play_time_ms }
`,
    );
    for (const type of ['CLICK', 'DISMISS', 'VIEW']) expect(labels(made, type)).toEqual(counted[type]);
  });
});
