import type { Random } from '../../ports/random.js';
import type { Catalogue, ShopItem } from './catalogue.js';
import { relevance, type Intent } from './click-model.js';
import { gumbel, integerBetween, pick } from './draws.js';
import type { Person } from './people.js';
import type { Words } from './vocabulary.js';

/** An item that was chosen for a page; `propensity` where the choice was a plain softmax. */
export interface Served {
  readonly item: ShopItem;
  readonly propensity?: number;
}

/** Candidates an advertisement is drawn from. */
const AD_CANDIDATES = 24;
/** Larger means more chance in the ranking, so positions say less about items. */
const RANKING_NOISE = 0.35;

/** A result page as a middling ranker makes it: mostly the product asked for, some of its category, a few strays. */
export function serveSearch(catalogue: Catalogue, intent: Intent, random: Random): readonly Served[] {
  const pool = new Set<ShopItem>(catalogue.ofProduct(intent.categoryIndex, intent.productIndex));
  const category = catalogue.ofCategory(intent.categoryIndex);
  for (let drawn = 0; drawn < 10 && category.length > 0; drawn++) pool.add(pick(random, category));
  for (let drawn = 0; drawn < 3; drawn++) pool.add(pick(random, catalogue.items));
  const length = integerBetween(random, 10, 20);
  return ranked([...pool], (item) => relevance(item, intent) + 0.08 * item.quality, random, length);
}

/** Recommendations: what a person's interests call for, half of it by chance. */
export function serveRecommendations(
  catalogue: Catalogue,
  person: Person,
  intent: Intent,
  random: Random,
): readonly Served[] {
  const pool = new Set<ShopItem>();
  const category = catalogue.ofCategory(intent.categoryIndex);
  for (let drawn = 0; drawn < 20; drawn++)
    pool.add(pick(random, drawn % 2 === 0 && category.length > 0 ? category : catalogue.items));
  return ranked(
    [...pool],
    (item) => person.interests[item.categoryIndex]! + 0.08 * item.quality,
    random,
    integerBetween(random, 6, 12),
  );
}

/** One advertisement, drawn by softmax over the bids of a few campaigns: its propensity is exact. */
export function serveAd(catalogue: Catalogue, intent: Intent, random: Random): readonly Served[] {
  const candidates = Array.from({ length: AD_CANDIDATES }, () => pick(random, catalogue.items));
  const category = catalogue.ofCategory(intent.categoryIndex);
  if (category.length > 0) for (let at = 0; at < AD_CANDIDATES / 2; at++) candidates[at] = pick(random, category);
  const distinct = [...new Set(candidates)];
  const weights = distinct.map((item) => Math.exp(2 * relevance(item, intent) + 0.3 * item.quality));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random() * total;
  const chosen = weights.findIndex((weight) => (left -= weight) < 0);
  const at = chosen < 0 ? weights.length - 1 : chosen;
  return [{ item: distinct[at]!, propensity: weights[at]! / total }];
}

function ranked(
  pool: readonly ShopItem[],
  score: (item: ShopItem) => number,
  random: Random,
  length: number,
): readonly Served[] {
  return pool
    .map((item) => ({ item, score: score(item) + RANKING_NOISE * gumbel(random) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, length)
    .map(({ item }) => ({ item }));
}

/** What a person types for an intent: their own words for product and properties, sometimes with a slip of the finger. */
export function queryText(words: Words, intent: Intent, random: Random): string {
  const category = words.categories[intent.categoryIndex]!;
  const properties = intent.propertyIndexes.map((at) => pick(random, category.properties[at]!));
  const text = words.query(properties, pick(random, category.products[intent.productIndex]!));
  if (random() > 0.04) return text;
  const at = integerBetween(random, 1, Math.max(1, text.length - 2));
  return text.slice(0, at) + text.slice(at + 1);
}
