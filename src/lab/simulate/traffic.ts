import { SURFACES, type ImpressionList, type Interaction, type Surface } from '../../events/words.js';
import { openCatalogue } from './catalogue.js';
import { exponential, logNormal, streamRandom } from './draws.js';
import { createCrowd } from './people.js';
import { BOT_CLICK_PROBABILITY, clickEverything } from './bots.js';
import { react } from './reactions.js';
import { GO_ON_PROBABILITY, nextPage, openSession, SURFACE_WEIGHTS, type Session } from './session.js';
import { TimeHeap } from './time-heap.js';
import { type Language, WORDS } from './words.js';

/** An event of the simulated world; a list comes with each item's true click probability and whether it will be clicked. */
export type SimulatedEvent =
  | {
      readonly kind: 'impressions';
      readonly record: ImpressionList;
      readonly clickProbabilities: readonly number[];
      readonly isClicked: readonly boolean[];
      readonly isBot: boolean;
    }
  | { readonly kind: 'interactions'; readonly record: Interaction };

export interface TrafficOptions {
  readonly seed: number;
  /** Impressions, one by one; the last list is cut to meet it. Infinity: never ends. */
  readonly impressionCount: number;
  /** Default: all three. */
  readonly surfaces?: readonly Surface[];
  /** Epoch ms of the start; default 2026-01-05 00:00 UTC, a Monday. */
  readonly startTimeMs?: number;
  /** Mean rate over a day; default 5. */
  readonly impressionsPerSecond?: number;
  /** Quiet nights and busy evenings; default true. */
  readonly isRateDaily?: boolean;
  /** Items on sale at the start; default 1,500. */
  readonly itemCount?: number;
  /** A new item goes on sale this often; default 10 minutes. */
  readonly newItemEveryMs?: number;
  /** Multiplies the delays of clicks and what follows, and the pauses between pages; default 1. */
  readonly delayScale?: number;
  /** Share of sessions that are bots: they click nearly everything, fast, and stay nowhere. Default 0. */
  readonly botFraction?: number;
  /** What titles and queries are written in; the world is the same but for its texts and currency. Default: English. */
  readonly language?: Language;
}

export const DEFAULT_START_MS = Date.UTC(2026, 0, 5);
const TRAFFIC_STREAM = 3;
const BOT_STREAM = 5;
const BOT_PAUSE_MS = 1_500;
const MEDIAN_PAUSE_MS = 25_000;
/** Sessions that began earlier are on their way at the start, so that the rate is right from the first second. */
const WARM_UP_MS = 900_000;
const DAY_MS = 86_400_000;
/** Mean list length by surface (a test holds them to the traffic). */
const LIST_LENGTHS: Readonly<Record<Surface, number>> = { SEARCH: 15, RECOMMENDATION: 9, AD: 1 };

type Due =
  | { readonly kind: 'arrival' }
  | { readonly kind: 'page'; readonly session: Session }
  | { readonly kind: 'event'; readonly record: Interaction };

/**
 * Plays the world event by event, in order of event time. The same options give the same events on every machine with the same Node. After
 * the last list the interactions still to come follow; with endless traffic memory stays bounded by what is under way.
 */
export function* simulate(options: TrafficOptions): Generator<SimulatedEvent> {
  const {
    seed,
    impressionCount,
    surfaces = SURFACES,
    startTimeMs = DEFAULT_START_MS,
    impressionsPerSecond = 5,
    isRateDaily = true,
  } = options;
  if (Number.isFinite(impressionCount) && !Number.isInteger(impressionCount)) {
    throw new RangeError(`impressionCount = ${impressionCount} is not a whole number`);
  }
  const { itemCount = 1_500, newItemEveryMs = 600_000, delayScale = 1, botFraction = 0, language = 'en' } = options;
  const words = WORDS[language];
  const random = streamRandom(seed, TRAFFIC_STREAM, 0);
  const catalogue = openCatalogue(seed, itemCount, words);
  const nextPerson = createCrowd(seed, random, words.countries);
  const warmUpMs = WARM_UP_MS * delayScale;
  const meanGapMs = (1000 * impressionsPerSession(surfaces)) / impressionsPerSecond;
  const due = new TimeHeap<Due>();
  let sessionCount = 0;
  let shownCount = 0;

  due.push(startTimeMs - warmUpMs + exponential(random, meanGapMs), { kind: 'arrival' });
  while (due.size > 0) {
    const timeMs = Math.round(due.nextTimeMs);
    const next = due.pop()!;
    if (next.kind === 'event') {
      yield { kind: 'interactions', record: next.record };
      continue;
    }
    if (shownCount >= impressionCount) continue;
    if (next.kind === 'arrival') {
      const isBot = streamRandom(seed, BOT_STREAM, sessionCount)() < botFraction;
      due.push(timeMs, { kind: 'page', session: openSession(sessionCount++, nextPerson(), random, isBot) });
      due.push(timeMs + exponential(random, meanGapMs / (isRateDaily ? dailyRate(timeMs) : 1)), next);
      continue;
    }
    catalogue.growTo(itemCount + Math.max(0, Math.floor((timeMs - startTimeMs) / newItemEveryMs)));
    const { session } = next;
    const page = cut(nextPage(session, timeMs, surfaces, catalogue, random), impressionCount - shownCount);
    const { interactions, isClicked, lastClickMs } = session.isBot
      ? clickEverything(session, page, random)
      : react(session, page, delayScale, random);
    if (random() < GO_ON_PROBABILITY) {
      const pauseMs = session.isBot
        ? BOT_PAUSE_MS
        : logNormal(random, MEDIAN_PAUSE_MS * (isClicked.includes(true) ? 2 : 1), 0.7) * delayScale;
      due.push(lastClickMs + Math.max(1, pauseMs), { kind: 'page', session });
    }
    if (timeMs < startTimeMs) continue;
    shownCount += page.list.items.length;
    for (const record of interactions) due.push(record.eventTimeMs, { kind: 'event', record });
    const clickProbabilities = session.isBot
      ? page.clickProbabilities.map(() => BOT_CLICK_PROBABILITY)
      : page.clickProbabilities;
    yield { kind: 'impressions', record: page.list, clickProbabilities, isClicked, isBot: session.isBot };
  }
}

function impressionsPerSession(surfaces: readonly Surface[]): number {
  const weight = (surface: Surface): number => SURFACE_WEIGHTS[surface];
  const total = surfaces.reduce((sum, surface) => sum + weight(surface), 0);
  const perRequest = surfaces.reduce((sum, surface) => sum + (weight(surface) / total) * LIST_LENGTHS[surface], 0);
  return perRequest / (1 - GO_ON_PROBABILITY);
}

/** Rate over the day, 1 on average: least at 4 h, most at 16 h UTC. */
function dailyRate(timeMs: number): number {
  return 1 + 0.6 * Math.cos(2 * Math.PI * (timeMs / DAY_MS - 16 / 24));
}

function cut<P extends ReturnType<typeof nextPage>>(page: P, most: number): P {
  if (page.list.items.length <= most) return page;
  return {
    ...page,
    list: { ...page.list, items: page.list.items.slice(0, most) },
    clickProbabilities: page.clickProbabilities.slice(0, most),
  };
}
