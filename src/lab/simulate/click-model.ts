import type { Surface } from '../../events/words.js';
import type { ShopItem } from './catalogue.js';
import type { Person } from './people.js';

/** What somebody is after in a session. */
export interface Intent {
  readonly categoryIndex: number;
  readonly productIndex: number;
  readonly propertyIndexes: readonly number[];
}

/** What a click depends on beside item and person. */
export interface Exposure {
  readonly surface: Surface;
  /** From 1. */
  readonly position: number;
  readonly eventTimeMs: number;
  readonly intent: Intent;
  /** Taste of the moment: what was clicked in this session pulls it. */
  readonly mood: Float64Array;
  readonly wasSeen: boolean;
  readonly wasClicked: boolean;
}

/** Log-odds of a click on a fitting, examined item, by surface: 3–5 % of search impressions are clicked, 0.5–1 % of the others. */
const BASE: Readonly<Record<Surface, number>> = { SEARCH: -2.95, RECOMMENDATION: -4.6, AD: -5.85 };
const WEIGHTS = {
  relevance: 3.2,
  quality: 0.7,
  taste: 0.55,
  mood: 0.35,
  price: 0.8,
  trend: 0.5,
  seen: -0.4,
  clicked: -1.2,
  interest: 0.7,
};
/** How fast eyes stop: exponent of the position, by device. */
const EYE_DECAY = { mobile: 0.75, desktop: 0.5, tablet: 0.6 };
/** Evening is for clicking: amplitude in log-odds over the day, most at 20 h UTC. */
const HOUR_AMPLITUDE = 0.25;
const DAY_MS = 86_400_000;

/** How well an item answers an intent, 0 to 1: product first, then the share of wanted properties it has. */
export function relevance(item: ShopItem, intent: Intent): number {
  if (item.categoryIndex !== intent.categoryIndex) return 0;
  if (item.productIndex !== intent.productIndex) return 0.25;
  const wanted = intent.propertyIndexes;
  const met = wanted.filter((property) => item.propertyIndexes.includes(property)).length;
  return wanted.length === 0 ? 0.8 : 0.6 + (0.4 * met) / wanted.length;
}

/** Chance that the position is looked at, in (0,1]; 1 at the top. Source: the position-based model (Craswell et al. 2008). */
function examinationProbability(position: number, device: Person['device']): number {
  return position ** -EYE_DECAY[device];
}

/**
 * The true probability that this person clicks this item here and now: examined times attracted. Everything else in the
 * simulator follows from it, and `truth.ndjson` records it.
 */
export function clickProbability(person: Person, item: ShopItem, at: Exposure): number {
  const turns = at.eventTimeMs / item.trendPeriodMs + item.trendPhase;
  const hour = Math.cos(2 * Math.PI * (at.eventTimeMs / DAY_MS - 20 / 24));
  const interest =
    at.surface === 'SEARCH' ? 0 : Math.log(0.05 + person.interests[item.categoryIndex]!) - Math.log(0.05 + 0.125);
  const logOdds =
    BASE[at.surface] +
    WEIGHTS.relevance * (relevance(item, at.intent) - 0.6) +
    WEIGHTS.quality * item.quality +
    WEIGHTS.taste * similarity(person.taste, item.style) +
    WEIGHTS.mood * similarity(at.mood, item.style) -
    WEIGHTS.price * person.priceSensitivity * item.relativePrice +
    WEIGHTS.trend * Math.sin(2 * Math.PI * turns) +
    HOUR_AMPLITUDE * hour +
    WEIGHTS.interest * interest +
    person.eagerness +
    (at.wasClicked ? WEIGHTS.clicked : at.wasSeen ? WEIGHTS.seen : 0);
  return examinationProbability(at.position, person.device) / (1 + Math.exp(-logOdds));
}

/** Scalar product over √dimensions: about standard normal for normal vectors. */
function similarity(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum / Math.sqrt(a.length);
}
