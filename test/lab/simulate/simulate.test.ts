import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEventFile, readEvents, readLineBatches } from '../../../src/adapters/event-files/index.js';
import { impressionIdOf, labelOf, strength, type Interaction } from '../../../src/events/index.js';
import type { Clock } from '../../../src/ports/clock.js';
import {
  CeilingGauge,
  disturb,
  liveTraffic,
  simulate,
  simulateToFiles,
  type SimulatedEvent,
  type TrafficOptions,
} from '../../../src/lab/simulate/index.js';
import { TimeHeap } from '../../../src/lab/simulate/time-heap.js';
import type { Words } from '../../../src/lab/simulate/vocabulary.js';
import { WORDS } from '../../../src/lab/simulate/words.js';

type Shown = SimulatedEvent & { kind: 'impressions' };
const play = (options: Partial<TrafficOptions> = {}): SimulatedEvent[] => [
  ...simulate({ seed: 1, impressionCount: 20_000, ...options }),
];
const pages = (events: readonly SimulatedEvent[]): Shown[] => events.filter((event) => event.kind === 'impressions');
const reactions = (events: readonly SimulatedEvent[]): Interaction[] =>
  events.flatMap((event) => (event.kind === 'interactions' ? [event.record] : []));

describe('simulated traffic', () => {
  it('the same seed plays the same world, another seed another', () => {
    const text = (seed: number): string => JSON.stringify(play({ seed, impressionCount: 2_000 }));
    expect(text(5)).toBe(text(5));
    expect(text(5)).not.toBe(text(6));
  });

  it('events come in order of event time, and exactly as many impressions as asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 500 }), (seed, impressionCount) => {
        const events = play({ seed, impressionCount, itemCount: 300 });
        expect(pages(events).reduce((sum, { record }) => sum + record.items.length, 0)).toBe(impressionCount);
        for (let at = 1; at < events.length; at++)
          expect(events[at]!.record.eventTimeMs).toBeGreaterThanOrEqual(events[at - 1]!.record.eventTimeMs);
      }),
      { numRuns: 30 },
    );
  });

  it('ids are unique, positions count from 1, probabilities lie in (0,1)', () => {
    const events = play();
    const shown = pages(events);
    expect(new Set(shown.map(({ record }) => record.requestId)).size).toBe(shown.length);
    const interactions = reactions(events);
    expect(new Set(interactions.map(({ interactionId }) => interactionId)).size).toBe(interactions.length);
    for (const { record, clickProbabilities, isClicked } of shown) {
      expect(record.items.map(({ position }) => position)).toEqual(record.items.map((_, at) => at + 1));
      expect(new Set(record.items.map(({ itemId }) => itemId)).size).toBe(record.items.length);
      expect(clickProbabilities).toHaveLength(record.items.length);
      expect(isClicked).toHaveLength(record.items.length);
      for (const probability of clickProbabilities) expect(probability > 0 && probability < 1).toBe(true);
      for (const { propensity } of record.items)
        if (record.surface === 'AD') expect(propensity! > 0 && propensity! <= 1).toBe(true);
    }
  });

  it('the plain join gives back who was clicked: by impression, else request and item, else what the session saw last', () => {
    const byImpression = new Map<string, { outcome: Interaction['type'] | 'NONE'; isClicked: boolean }>();
    const byRequest = new Map<string, string>();
    const bySession = new Map<string, string>();
    for (const event of play({ impressionCount: 40_000 })) {
      if (event.kind === 'impressions') {
        event.record.items.forEach((item, at) => {
          const id = impressionIdOf(event.record.requestId, item);
          byImpression.set(id, { outcome: 'NONE', isClicked: event.isClicked[at]! });
          byRequest.set(`${event.record.requestId} ${item.itemId}`, id);
          bySession.set(`${event.record.sessionId} ${item.itemId}`, id);
        });
        continue;
      }
      const { impressionId, requestId, itemId, sessionId, type } = event.record;
      const id =
        impressionId ??
        (typeof requestId === 'string'
          ? byRequest.get(`${requestId} ${itemId}`)
          : bySession.get(`${sessionId} ${itemId}`));
      const state = byImpression.get(id!)!;
      if (strength(type) > strength(state.outcome)) state.outcome = type;
    }
    expect([...byImpression.values()].filter(({ isClicked }) => isClicked).length).toBeGreaterThan(500);
    for (const { outcome, isClicked } of byImpression.values())
      expect(labelOf(outcome, 'CLICK')).toBe(isClicked ? 1 : 0);
  });

  it('clicks come as often as their probabilities say, on every surface and in every range', () => {
    const cells = new Map<string, { expected: number; variance: number; clicks: number }>();
    for (const { record, clickProbabilities, isClicked } of pages(play({ impressionCount: 150_000 }))) {
      clickProbabilities.forEach((probability, at) => {
        for (const name of [record.surface, `range ${Math.floor(Math.log2(probability))}`]) {
          const cell = cells.get(name) ?? { expected: 0, variance: 0, clicks: 0 };
          cells.set(name, cell);
          cell.expected += probability;
          cell.variance += probability * (1 - probability);
          cell.clicks += isClicked[at] ? 1 : 0;
        }
      });
    }
    // Some twenty cells: five standard deviations are passed once in a hundred thousand seeds, and the seed is fixed.
    for (const { expected, variance, clicks } of cells.values()) {
      if (expected > 5) expect(Math.abs(clicks - expected)).toBeLessThan(5 * Math.sqrt(variance));
    }
  });

  it('the world is believable: rates a surface, a ceiling of .80 to .88, people who return, items that arrive', () => {
    const gauges = {
      all: new CeilingGauge(),
      SEARCH: new CeilingGauge(),
      RECOMMENDATION: new CeilingGauge(),
      AD: new CeilingGauge(),
    };
    const events = play({ impressionCount: 300_000, seed: 7 });
    const shown = pages(events);
    for (const { record, clickProbabilities, isClicked } of shown) {
      clickProbabilities.forEach((probability, at) => {
        gauges.all.add(probability, isClicked[at]!);
        gauges[record.surface].add(probability, isClicked[at]!);
      });
    }
    const between = (value: number, low: number, high: number): void => {
      expect(value).toBeGreaterThan(low);
      expect(value).toBeLessThan(high);
    };
    between(gauges.SEARCH.read().clickRate, 0.03, 0.05);
    between(gauges.RECOMMENDATION.read().clickRate, 0.005, 0.011);
    between(gauges.AD.read().clickRate, 0.004, 0.012);
    between(gauges.all.read().bayesAuc!, 0.8, 0.88);
    between(gauges.SEARCH.read().bayesAuc!, 0.78, 0.88);
    const users = new Map<string, Set<string>>();
    for (const { record } of shown)
      if (typeof record.userId === 'string')
        users.set(record.userId, (users.get(record.userId) ?? new Set()).add(record.sessionId));
    expect([...users.values()].filter((sessions) => sessions.size > 1).length).toBeGreaterThan(users.size / 10);
    const first = new Set(
      shown.slice(0, shown.length / 2).flatMap(({ record }) => record.items.map(({ itemId }) => itemId)),
    );
    expect(
      shown.slice(shown.length / 2).some(({ record }) => record.items.some(({ itemId }) => !first.has(itemId))),
    ).toBe(true);
    const spanMs = shown.at(-1)!.record.eventTimeMs - shown[0]!.record.eventTimeMs;
    between(300_000 / (spanMs / 1000), 3.5, 6.5);
  });

  it('shows only the surfaces asked for', () => {
    expect(
      new Set(pages(play({ impressionCount: 300, surfaces: ['AD'] })).map(({ record }) => record.surface)),
    ).toEqual(new Set(['AD']));
  });
});

describe('the heap of what is due', () => {
  it('gives out by time, equal times in order of coming', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const heap = new TimeHeap<[number, number]>();
        times.forEach((timeMs, at) => heap.push(timeMs, [timeMs, at]));
        const expected = times
          .map((timeMs, at): [number, number] => [timeMs, at])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(times.map(() => heap.pop())).toEqual(expected);
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });
});

describe('the ceiling', () => {
  it('is the AUC of probabilities that are counted pair by pair', () => {
    const cell = fc.record({ probability: fc.constantFrom(0.01, 0.1, 0.3, 0.6, 0.9), isClicked: fc.boolean() });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 40 }), (cells) => {
        const gauge = new CeilingGauge();
        for (const { probability, isClicked } of cells) gauge.add(probability, isClicked);
        const clicked = cells.filter(({ isClicked }) => isClicked);
        const not = cells.filter(({ isClicked }) => !isClicked);
        let wins = 0;
        for (const a of clicked)
          for (const b of not) wins += a.probability > b.probability ? 1 : a.probability === b.probability ? 0.5 : 0;
        const { bayesAuc } = gauge.read();
        if (clicked.length === 0 || not.length === 0) expect(bayesAuc).toBeNull();
        else expect(bayesAuc).toBeCloseTo(wins / (clicked.length * not.length), 10);
      }),
    );
  });
});

describe('disturbed traffic', () => {
  const settings = { lateFraction: 0.3, maxDelayMs: 20_000, duplicateFraction: 0.1, malformedFraction: 0.05 };

  it('without disturbance every event arrives once, in order', () => {
    const events = play({ impressionCount: 3_000 });
    expect([...disturb(events, 1)].map(({ text, nature }) => [text, nature])).toEqual(
      events.map(({ record }) => [JSON.stringify(record), 'event']),
    );
  });

  it('loses nothing, adds what it was asked to add, and delays no event beyond the bound', () => {
    const events = play({ impressionCount: 20_000 });
    const arrivals = [...disturb(events, 1, settings)];
    const of = (nature: string): typeof arrivals => arrivals.filter((arrival) => arrival.nature === nature);
    expect(
      of('event')
        .map(({ text }) => text)
        .sort(),
    ).toEqual(events.map(({ record }) => JSON.stringify(record)).sort());
    expect(of('duplicate').length / events.length).toBeCloseTo(0.1, 1);
    expect(of('malformed').length / events.length).toBeCloseTo(0.05, 1);
    let newestMs = 0;
    let lateCount = 0;
    for (const { event } of of('event')) {
      expect(newestMs - event.record.eventTimeMs).toBeLessThanOrEqual(settings.maxDelayMs);
      if (event.record.eventTimeMs < newestMs) lateCount += 1;
      newestMs = Math.max(newestMs, event.record.eventTimeMs);
    }
    expect(lateCount).toBeGreaterThan(0);
    expect(arrivals.map(({ text }) => text)).toEqual([...disturb(events, 1, settings)].map(({ text }) => text));
  });

  it('no malformed message is a sound record', () => {
    for (const { nature, text, input } of disturb(play({ impressionCount: 20_000 }), 1, { malformedFraction: 0.5 })) {
      if (nature !== 'malformed') continue;
      let record: Record<string, unknown> | undefined;
      try {
        record = JSON.parse(text) as Record<string, unknown>;
      } catch {
        continue;
      }
      const isSound =
        typeof record['eventTimeMs'] === 'number' &&
        typeof record[input === 'impressions' ? 'requestId' : 'interactionId'] === 'string' &&
        record[input === 'impressions' ? 'surface' : 'type'] !== 'UNKNOWN';
      expect(isSound).toBe(false);
    }
  });
});

describe('simulated files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-simulate-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('hold the events and, line by line, the truth about each impression', async () => {
    const fractions: number[] = [];
    const summary = await simulateToFiles({ folder, seed: 3, impressionCount: 5_000 }, (_, fraction) =>
      fractions.push(fraction),
    );
    expect(readdirSync(folder).sort()).toEqual(['impressions.ndjson', 'interactions.ndjson', 'truth.ndjson']);
    const truth: { impressionId: string; clickProbability: number; isClicked: boolean }[] = [];
    for await (const { lines } of readLineBatches(join(folder, 'truth.ndjson')))
      for (const { bytes } of lines) truth.push(JSON.parse(bytes.toString()) as never);
    const ids: string[] = [];
    let lists = 0;
    for await (const { record } of readEvents(folder).impressions) {
      lists += 1;
      for (const item of record['items'] as { position: number }[])
        ids.push(impressionIdOf(record['requestId'] as string, item));
    }
    let clicks = 0;
    for await (const { record } of readEvents(folder).interactions) clicks += record['type'] === 'CLICK' ? 1 : 0;
    expect(truth.map(({ impressionId }) => impressionId)).toEqual(ids);
    expect(truth.filter(({ isClicked }) => isClicked)).toHaveLength(clicks);
    expect(summary).toMatchObject({ lists, impressions: 5_000, clicks, duplicateMessages: 0, malformedMessages: 0 });
    expect(fractions.at(-1)).toBe(1);
  });

  it('are the same bytes again, packed or not', async () => {
    const bytes = async (name: string, isPacked: boolean): Promise<string> => {
      const place = join(folder, name);
      await simulateToFiles({ folder: place, seed: 3, impressionCount: 800, malformedFraction: 0.1, isPacked });
      const texts: string[] = [];
      for await (const { lines } of readLineBatches(findEventFile(place, 'impressions')))
        texts.push(...lines.map(({ bytes: line }) => line.toString()));
      return texts.join('\n') + readFileSync(join(place, 'truth.ndjson'), 'utf8');
    };
    const plain = await bytes('a', false);
    expect(await bytes('b', false)).toBe(plain);
    expect(await bytes('c', true)).toBe(plain);
  });
});

describe('live traffic', () => {
  /** Time passes only by sleeping. */
  const fakeClock = (startMs: number): Clock & { readonly sleeps: number[] } => {
    let nowMs = startMs;
    const sleeps: number[] = [];
    return {
      sleeps,
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: (ms, signal) => {
        sleeps.push(ms);
        nowMs += ms;
        return Promise.resolve(!signal?.aborted);
      },
    };
  };

  it('yields what has just happened, at the rate asked for from the start, clicks soon after', async () => {
    const startMs = Date.UTC(2026, 5, 1);
    const clock = fakeClock(startMs);
    const minutes = [0, 0, 0, 0];
    const shownAt = new Map<string, number>();
    const delays: number[] = [];
    for await (const batch of liveTraffic(2, clock, 200)) {
      expect(batch.length).toBeGreaterThan(0);
      for (const event of batch) {
        const { eventTimeMs } = event.record;
        expect(eventTimeMs).toBeLessThanOrEqual(clock.nowMs());
        expect(eventTimeMs).toBeGreaterThan(clock.nowMs() - 2_000);
        const minute = Math.floor((eventTimeMs - startMs) / 60_000);
        if (event.kind === 'impressions') {
          if (minute < 4) minutes[minute]! += event.record.items.length;
          shownAt.set(event.record.requestId, eventTimeMs);
        } else if (event.record.type === 'CLICK' && typeof event.record.requestId === 'string') {
          delays.push(eventTimeMs - shownAt.get(event.record.requestId)!);
        }
      }
      if (clock.nowMs() > startMs + 240_000) break;
    }
    for (const count of minutes) {
      expect(count / 60).toBeGreaterThan(140);
      expect(count / 60).toBeLessThan(260);
    }
    delays.sort((a, b) => a - b);
    expect(delays[delays.length >> 1]).toBeLessThan(4_000);
  });

  it('ends when the signal aborts', async () => {
    const stop = new AbortController();
    let batchCount = 0;
    for await (const batch of liveTraffic(2, fakeClock(0), 50, { signal: stop.signal })) {
      batchCount += batch.length > 0 ? 1 : 0;
      if (batchCount === 3) stop.abort();
    }
    expect(batchCount).toBe(3);
  });
});

describe('the shop in Chinese', () => {
  it('is the same world: who sees and clicks what, when and how likely; its texts are Chinese', () => {
    const [english, chinese] = (['en', 'zh'] as const).map((language) => play({ impressionCount: 5_000, language }));
    const bare = (events: readonly SimulatedEvent[]): unknown =>
      events.map((event) =>
        event.kind === 'interactions'
          ? { ...event.record, context: undefined, value: undefined }
          : {
              ...event,
              record: {
                ...event.record,
                query: event.record.query === null,
                context: { ...event.record.context, country: '' },
                items: event.record.items.map(({ itemId, propensity }) => ({ itemId, propensity })),
              },
            },
      );
    expect(bare(chinese!)).toEqual(bare(english!));
    const texts = pages(chinese!).flatMap(({ record }) => [
      ...(record.query == null ? [] : [record.query]),
      ...record.items.flatMap(({ title, description, category }) => [title!, description!, category!]),
    ]);
    for (const text of new Set(texts)) expect(text, text).toMatch(/\p{Script=Han}/u);
    const prices = (events: readonly SimulatedEvent[]): number[] =>
      pages(events).flatMap(({ record }) => record.items.map(({ price }) => price!));
    expect(prices(chinese!)).toEqual(prices(english!).map((price) => Math.round(800 * price) / 100));
  });

  it('has a word for everything that the English one has, and for no two things the same', () => {
    const shape = ({ categories, brands, phrases }: Words): unknown => [
      categories.map(({ products, properties }) => [products.length, properties.length]),
      brands.length,
      phrases.length,
    ];
    expect(shape(WORDS.zh)).toEqual(shape(WORDS.en));
    for (const { categories } of Object.values(WORDS)) {
      const products = categories.flatMap((category) => category.products.flat());
      expect(new Set(products).size).toBe(products.length);
      const properties = [...new Set(categories.flatMap((category) => category.properties))].flat();
      expect(new Set(properties).size).toBe(properties.length);
    }
  });
});
