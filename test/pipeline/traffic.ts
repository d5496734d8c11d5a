import type { ImpressionList, Interaction, InteractionType, Item } from '../../src/events/words.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { T0 } from './kit.js';

/** Raw traffic of one partition with everything in it that real logs have, as a function of a seed. */
export interface Traffic {
  readonly records: readonly NewRecord[];
  /** Impressions in lists that can be decoded. */
  readonly impressionCount: number;
}

export interface TrafficOptions {
  readonly seed: number;
  readonly lists: number;
  /** Event time at which it begins, ms. */
  readonly fromMs?: number;
  /** Mean event time between lists. */
  readonly gapMs?: number;
  readonly windowMs: number;
  readonly latenessMs: number;
  /** Puts its ids apart from those of other traffic. */
  readonly prefix?: string;
  /** Share of the lists whose producer's clock is far ahead; default none. */
  readonly wildShare?: number;
}

/** A small seeded generator of uniform numbers (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Sent {
  readonly arrivesMs: number;
  readonly record: NewRecord;
}

const utf8 = new TextEncoder();
const TYPES: readonly InteractionType[] = ['DISMISS', 'VIEW', 'CLICK', 'CLICK', 'CLICK', 'ADD_TO_CART', 'PURCHASE'];

/** Makes traffic: disorder, duplicates, late and invalid messages, skewed clocks, clicks of every kind of reference. */
export function trafficOf({
  seed,
  lists: count,
  fromMs = T0,
  gapMs = 700,
  windowMs,
  latenessMs,
  prefix = '',
  wildShare = 0,
}: TrafficOptions): Traffic {
  const random = randomOf(seed);
  const wild = randomOf(seed + 1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const chance = (p: number): boolean => random() < p;
  const sent: Sent[] = [];
  let impressionCount = 0;
  const send = (topic: 'impressions' | 'interactions', arrivesMs: number, value: Uint8Array): void => {
    sent.push({ arrivesMs, record: { topic, key: utf8.encode('k'), value, partition: 0 } });
  };
  let interactions = 0;
  const act = (list: ImpressionList, item: Item): void => {
    const delayMs = chance(0.8)
      ? random() * windowMs * 0.7
      : chance(0.5)
        ? random() * windowMs * 2.5
        : -random() * latenessMs;
    const eventTimeMs = Math.round(list.eventTimeMs + delayMs);
    const reference = random();
    const interaction: Interaction = {
      interactionId: `${prefix}i${interactions++}`,
      eventTimeMs,
      type: pick(TYPES),
      sessionId: list.sessionId,
      userId: list.userId ?? null,
      itemId: item.itemId,
      ...(reference < 0.3 ? { impressionId: item.impressionId ?? `${list.requestId}#${item.position}` } : {}),
      ...(reference >= 0.3 && reference < 0.6 ? { requestId: list.requestId } : {}),
      ...(chance(0.3) ? { value: Math.round(random() * 1000) / 10 } : {}),
      ...(eventTimeMs % 3 === 0 ? { dwellMs: eventTimeMs % 100 } : {}),
    };
    const value = utf8.encode(JSON.stringify(interaction));
    const arrivesMs = eventTimeMs + random() * latenessMs * (chance(0.05) ? 4 : 0.9);
    send('interactions', arrivesMs, value);
    if (chance(0.05)) send('interactions', arrivesMs + random() * latenessMs, value);
  };

  let nowMs = fromMs;
  for (let n = 0; n < count; n++) {
    nowMs += Math.round(random() * 2 * gapMs);
    const items: Item[] = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, i) => ({
      itemId: `item${Math.floor(random() ** 2 * 30)}`,
      position: i + 1,
      ...(chance(0.2) ? { impressionId: `${prefix}given${n}.${i}` } : {}),
      ...(chance(0.7) ? { title: `title ${Math.floor(random() * 12)}` } : {}),
      ...(chance(0.7) ? { category: pick(['hotel', 'flat', 'hostel']) } : {}),
      ...(chance(0.8) ? { price: chance(0.04) ? -1 : Math.round(random() * 20_000) / 100 } : {}),
      ...(chance(0.4)
        ? { attributes: { stars: String(1 + Math.floor(random() * 5)), pool: pick(['yes', 'no']) } }
        : {}),
    }));
    const list: ImpressionList = {
      requestId: chance(0.05) ? `${prefix}r${n - 1}` : `${prefix}r${n}`,
      eventTimeMs: nowMs,
      surface: pick(['SEARCH', 'SEARCH', 'AD', 'RECOMMENDATION']),
      sessionId: `s${Math.floor(random() * 6)}`,
      ...(chance(0.4) ? { userId: `u${Math.floor(random() * 4)}` } : {}),
      ...(chance(0.6) ? { query: pick(['berlin', 'paris', 'rome']) } : {}),
      ...(chance(0.7) ? { context: { device: pick(['mobile', 'desktop', 'tv']), city: pick(['x', 'y']) } } : {}),
      items,
    };
    const aheadMs = wild() < wildShare ? Math.round(latenessMs * (5 + wild() * 100)) : 0;
    const value = utf8.encode(JSON.stringify({ ...list, eventTimeMs: nowMs + aheadMs }));
    impressionCount += items.length;
    const arrivesMs = nowMs + random() * latenessMs * (chance(0.04) ? 4 : 0.9);
    send('impressions', arrivesMs, value);
    if (chance(0.06)) {
      send('impressions', arrivesMs + random() * latenessMs * 2, value);
      impressionCount += items.length;
    }
    for (const item of items) while (chance(0.3)) act(list, item);
    if (chance(0.05)) act({ ...list, requestId: `${prefix}nowhere${n}` }, { itemId: 'item0', position: 1 });
    if (chance(0.03)) send(pick(['impressions', 'interactions']), nowMs, utf8.encode('{"requestId": "cut sh'));
    if (chance(0.02))
      send(
        'interactions',
        nowMs,
        utf8.encode(JSON.stringify({ interactionId: 'x', type: 'CLICK', eventTimeMs: nowMs })),
      );
  }
  sent.sort((a, b) => a.arrivesMs - b.arrivesMs);
  return { records: sent.map(({ record }) => record), impressionCount };
}
