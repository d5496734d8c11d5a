import { BRANDS, CATEGORIES, COUNTRIES, PHRASES, type Names } from './vocabulary.js';
import { CHINESE } from './vocabulary-zh.js';

/** What the simulated shop is written in. */
export type Language = 'en' | 'zh';

/** The texts of the simulated shop in one language; categories, products and properties stand in one order in all. */
export interface Words {
  readonly categories: readonly {
    readonly name: string;
    readonly products: readonly Names[];
    readonly properties: readonly Names[];
  }[];
  readonly brands: readonly string[];
  /** What a description says beside product and properties; it carries no meaning for clicks. */
  readonly phrases: readonly string[];
  /** Where people are. */
  readonly countries: readonly string[];
  readonly currency: string;
  readonly unitsPerEuro: number;
  readonly title: (properties: readonly string[], product: string, brand: string) => string;
  readonly description: (properties: readonly string[], product: string, phrase: string) => string;
  readonly query: (properties: readonly string[], product: string) => string;
}

const ENGLISH: Words = {
  categories: CATEGORIES.map(({ products, ...category }) => ({
    ...category,
    products: products.map(({ names }) => names),
  })),
  brands: BRANDS,
  phrases: PHRASES,
  countries: COUNTRIES,
  currency: 'EUR',
  unitsPerEuro: 1,
  title: (properties, product, brand) => sentence(`${properties.join(' ')} ${product} by ${brand}`),
  description: (properties, product, phrase) => `${sentence(`${properties.join(', ')} ${product}`)}. ${phrase}`,
  query: (properties, product) => [...properties, product].join(' '),
};

export const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, zh: CHINESE };

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
