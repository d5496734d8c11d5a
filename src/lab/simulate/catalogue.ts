import { integerBetween, logNormal, normal, normals, pick, pickSome, streamRandom } from './draws.js';
import { BRANDS, CATEGORIES, PHRASES } from './vocabulary.js';

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
  readonly priceEur: number;
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
  /** Items of a product of a category. */
  ofProduct(categoryIndex: number, productIndex: number): readonly ShopItem[];
  ofCategory(categoryIndex: number): readonly ShopItem[];
  /** Puts items on sale until there are `count`. */
  growTo(count: number): void;
}

/** Opens the shop with `count` items. Item k of a seed is the same whenever it arrives. */
export function openCatalogue(seed: number, count: number): Catalogue {
  const items: ShopItem[] = [];
  const byCategory: ShopItem[][] = CATEGORIES.map(() => []);
  const byProduct: ShopItem[][][] = CATEGORIES.map(({ products }) => products.map(() => []));
  const growTo = (wanted: number): void => {
    while (items.length < wanted) {
      const item = makeItem(seed, items.length);
      items.push(item);
      byCategory[item.categoryIndex]!.push(item);
      byProduct[item.categoryIndex]![item.productIndex]!.push(item);
    }
  };
  growTo(count);
  return {
    items,
    ofProduct: (category, product) => byProduct[category]![product]!,
    ofCategory: (category) => byCategory[category]!,
    growTo,
  };
}

function makeItem(seed: number, index: number): ShopItem {
  const random = streamRandom(seed, ITEM_STREAM, index);
  const categoryIndex = integerBetween(random, 0, CATEGORIES.length - 1);
  const category = CATEGORIES[categoryIndex]!;
  const productIndex = integerBetween(random, 0, category.products.length - 1);
  const product = category.products[productIndex]!;
  const propertyIndexes = pickSome(random, [...category.properties.keys()], integerBetween(random, 1, 3));
  const words = propertyIndexes.map((at) => pick(random, category.properties[at]!));
  const brand = pick(random, BRANDS);
  const priceEur = Math.max(1, Math.round(logNormal(random, product.priceEur, 0.45) * 100) / 100);
  // Half of the descriptions name the properties in other words than the title.
  const retold = propertyIndexes.map((at) => pick(random, category.properties[at]!));
  return {
    itemId: `item-${index + 1}`,
    categoryIndex,
    productIndex,
    propertyIndexes,
    title: sentence(`${words.slice(0, 2).join(' ')} ${pick(random, product.names)} by ${brand}`),
    description: `${sentence(`${retold.join(', ')} ${pick(random, product.names)}`)}. ${pick(random, PHRASES)}`,
    brand,
    priceEur,
    relativePrice: Math.log(priceEur / product.priceEur),
    quality: normal(random),
    style: normals(random, STYLE_DIMENSIONS),
    trendPhase: random(),
    trendPeriodMs: (6 + 42 * random()) * 3_600_000,
  };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
