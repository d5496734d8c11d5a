import { opaqueId } from '../../events/opaque-id.js';
import type { ImpressionList, Surface } from '../../events/words.js';
import type { Random } from '../../ports/random.js';
import type { Catalogue } from './catalogue.js';
import { STYLE_DIMENSIONS } from './catalogue.js';
import { clickProbability, type Intent } from './click-model.js';
import { integerBetween, pickIndex, pickSome } from './draws.js';
import type { Person } from './people.js';
import { queryText, serveAd, serveRecommendations, serveSearch, type Served } from './serving.js';
import { CATEGORIES } from './vocabulary.js';

/** How often a request goes to each surface. */
export const SURFACE_WEIGHTS: Readonly<Record<Surface, number>> = { SEARCH: 0.45, RECOMMENDATION: 0.25, AD: 0.3 };
/** A session goes on after each request with this probability: 5 requests on average. */
export const GO_ON_PROBABILITY = 0.8;
const NEW_INTENT_PROBABILITY = 0.12;
const CHANNELS = ['direct', 'search-engine', 'newsletter', 'social'] as const;

/** A visit: who, what they are after, what they have seen and clicked. */
export interface Session {
  readonly sessionId: string;
  readonly person: Person;
  readonly channel: string;
  readonly isBot: boolean;
  intent: Intent;
  /** Pulled by every click towards the style of what was clicked. */
  readonly mood: Float64Array;
  requestCount: number;
  readonly seen: Set<string>;
  readonly clicked: Set<string>;
}

/** A page with the true click probability of each of its items, in order. */
export interface ShownPage {
  readonly list: ImpressionList;
  readonly served: readonly Served[];
  readonly clickProbabilities: readonly number[];
}

/** Begins a visit. A bot is not logged in, and its session id says that it is one. */
export function openSession(index: number, person: Person, random: Random, isBot = false): Session {
  return {
    sessionId: `${isBot ? 'bot' : 'session'}-${index + 1}`,
    person: isBot ? { ...person, isKnown: false } : person,
    isBot,
    channel: CHANNELS[integerBetween(random, 0, CHANNELS.length - 1)]!,
    intent: newIntent(person, random),
    mood: new Float64Array(STYLE_DIMENSIONS),
    requestCount: 0,
    seen: new Set(),
    clicked: new Set(),
  };
}

/** Shows the session's next page on one of the surfaces. */
export function nextPage(
  session: Session,
  eventTimeMs: number,
  surfaces: readonly Surface[],
  catalogue: Catalogue,
  random: Random,
): ShownPage {
  if (session.requestCount > 0 && random() < NEW_INTENT_PROBABILITY) session.intent = newIntent(session.person, random);
  const surface =
    surfaces[
      pickIndex(
        random,
        surfaces.map((name) => SURFACE_WEIGHTS[name]),
      )
    ]!;
  const { person, intent } = session;
  const served = serve(surface, session, catalogue, random);
  session.requestCount += 1;
  const requestId = opaqueId(session.sessionId, session.requestCount);
  const clickProbabilities = served.map(({ item }, at) =>
    clickProbability(person, item, {
      surface,
      position: at + 1,
      eventTimeMs,
      intent,
      mood: session.mood,
      wasSeen: session.seen.has(item.itemId),
      wasClicked: session.clicked.has(item.itemId),
    }),
  );
  const hasQuery = surface === 'SEARCH' || (surface === 'AD' && random() < 0.5);
  const list: ImpressionList = {
    requestId,
    eventTimeMs,
    surface,
    sessionId: session.sessionId,
    userId: person.isKnown ? person.userId : null,
    query: hasQuery ? queryText(catalogue.words, intent, random) : null,
    context: {
      device: person.device,
      country: person.country,
      channel: session.channel,
      depth: String(session.requestCount),
    },
    items: served.map(({ item, propensity }, at) => ({
      itemId: item.itemId,
      position: at + 1,
      title: item.title,
      category: catalogue.words.categories[item.categoryIndex]!.name,
      price: item.price,
      currency: catalogue.words.currency,
      description: item.description,
      ...(propensity === undefined ? {} : { propensity }),
      attributes: { brand: item.brand },
    })),
  };
  for (const { item } of served) session.seen.add(item.itemId);
  return { list, served, clickProbabilities };
}

function serve(surface: Surface, { person, intent }: Session, catalogue: Catalogue, random: Random): readonly Served[] {
  switch (surface) {
    case 'SEARCH':
      return serveSearch(catalogue, intent, random);
    case 'RECOMMENDATION':
      return serveRecommendations(catalogue, person, intent, random);
    case 'AD':
      return serveAd(catalogue, intent, random);
  }
}

function newIntent(person: Person, random: Random): Intent {
  const categoryIndex = pickIndex(random, person.interests);
  const category = CATEGORIES[categoryIndex]!;
  return {
    categoryIndex,
    productIndex: integerBetween(random, 0, category.products.length - 1),
    propertyIndexes: pickSome(random, [...category.properties.keys()], integerBetween(random, 0, 2)),
  };
}
