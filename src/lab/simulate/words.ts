import { BRANDS, CATEGORIES, COUNTRIES, PHRASES, type Words } from './vocabulary.js';
import { CHINESE } from './vocabulary-zh.js';

/** What the simulated shop is written in. */
export type Language = 'en' | 'zh';

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
