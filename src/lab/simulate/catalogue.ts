import { integerBetween, logNormal, normal, normals, pick, pickSome, streamRandom } from './draws.js';
import { CATEGORIES, type Words } from './vocabulary.js';

/** Length of taste and style vectors. */
export const STYLE_DIMENSIONS = 4;
const ITEM_STREAM = 1;

/** A thing that is sold. What drives clicks is latent; what a serving system would send is not. */
export interface ShopItem {
  readonly itemId: string;
  readonly categoryIndex: number;
  readonly productIndex: number;
  /** Indexes into the category's properties. */
  readonly propertyIndexes: readonly number[];
  readonly title: string;
  readonly description: string;
  readonly brand: string;
  /** In the shop's currency. */
  readonly price: number;
  /** ln( price / typical price of the product ). */
  readonly relativePrice: number;
  /** Latent appeal to everybody, about standard normal. */
  readonly quality: number;
  /** Latent place in the space of tastes. */
  readonly style: Float64Array;
  /** Latent fashion: appeal rises and falls with this phase (in turns) and period. */
  readonly trendPhase: number;
  readonly trendPeriodMs: number;
}

/** Everything on sale, growing. */
export interface Catalogue {
  readonly items: readonly ShopItem[];
  /** What its texts are written in. */
  readonly words: Words;
  /** Items of a product of a category. */
  ofProduct(categoryIndex: number, productIndex: number): readonly ShopItem[];
  ofCategory(categoryIndex: number): readonly ShopItem[];
  /** Puts items on sale until there are `count`. */
  growTo(count: number): void;
}

/** Opens the shop with `count` items. Item k of a seed is the same whenever it arrives. */
export function openCatalogue(seed: number, count: number, words: Words): Catalogue {
  const items: ShopItem[] = [];
  const byCategory: ShopItem[][] = CATEGORIES.map(() => []);
  const byProduct: ShopItem[][][] = CATEGORIES.map(({ products }) => products.map(() => []));
  const growTo = (wanted: number): void => {
    while (items.length < wanted) {
      const item = makeItem(seed, items.length, words);
      items.push(item);
      byCategory[item.categoryIndex]!.push(item);
      byProduct[item.categoryIndex]![item.productIndex]!.push(item);
    }
  };
  growTo(count);
  return {
    items,
    words,
    ofProduct: (category, product) => byProduct[category]![product]!,
    ofCategory: (category) => byCategory[category]!,
    growTo,
  };
}

function makeItem(seed: number, index: number, words: Words): ShopItem {
  const random = streamRandom(seed, ITEM_STREAM, index);
  const categoryIndex = integerBetween(random, 0, CATEGORIES.length - 1);
  const category = CATEGORIES[categoryIndex]!;
  const productIndex = integerBetween(random, 0, category.products.length - 1);
  const product = category.products[productIndex]!;
  const propertyIndexes = pickSome(random, [...category.properties.keys()], integerBetween(random, 1, 3));
  const { properties, products } = words.categories[categoryIndex]!;
  const names = products[productIndex]!;
  const named = propertyIndexes.map((at) => pick(random, properties[at]!));
  const brand = pick(random, words.brands);
  const priceEur = Math.max(1, Math.round(logNormal(random, product.priceEur, 0.45) * 100) / 100);
  // Half of the descriptions name the properties in other words than the title.
  const retold = propertyIndexes.map((at) => pick(random, properties[at]!));
  return {
    itemId: `item-${index + 1}`,
    categoryIndex,
    productIndex,
    propertyIndexes,
    title: words.title(named.slice(0, 2), pick(random, names), brand),
    description: words.description(retold, pick(random, names), pick(random, words.phrases)),
    brand,
    price: Math.round(priceEur * words.unitsPerEuro * 100) / 100,
    relativePrice: Math.log(priceEur / product.priceEur),
    quality: normal(random),
    style: normals(random, STYLE_DIMENSIONS),
    trendPhase: random(),
    trendPeriodMs: (6 + 42 * random()) * 3_600_000,
  };
}
