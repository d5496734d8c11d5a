import type { Config } from '../../config/schema.js';
import type { CleanList } from '../admitted.js';
import { column, type DefinedColumn } from './columns/column.js';
import { part, type Builder, type ColumnFamily } from './definitions.js';
import type { VectorOf } from './family.js';
import { Projection } from './projection.js';
import { textTaste } from './text-taste.js';
import { Filled, type Values } from './values.js';

export type TextSettings = Config['features']['text'];

const MEANINGS = {
  item: 'of the text vector of the item',
  query: 'of the text vector of the query, on lists with texts of items',
  product: 'of the item’s text vector times the same of the query’s',
} as const;
type Block = keyof typeof MEANINGS;

/** The columns of text vectors that `features.text` asks for, block by block. */
export function textColumns({ item, query, product, taste }: TextSettings): readonly DefinedColumn[] {
  return [
    ...blockOf('item', item),
    ...blockOf('query', query),
    ...blockOf('product', product),
    ...(taste
      ? [column('textTaste', 'cosine', 'text of the item beside what the user acted on', part(textTaste, 'taste'))]
      : []),
  ];
}

function blockOf(of: Block, columns: number): readonly DefinedColumn[] {
  const name = `text${of.charAt(0).toUpperCase()}${of.slice(1)}`;
  return Array.from({ length: columns }, (_, i) =>
    column(`${name}${i}`, 'unitless', `number ${i} ${MEANINGS[of]}; 0 without text`, part(textBlocks, `${of} ${i}`)),
  );
}

/**
 * Text vectors as columns, so that a learner can read what a title says: as they are where a block has as many columns as
 * the vector numbers (those beyond are 0), else their random projection. What has no text is 0 everywhere, not missing: a
 * vector is missing as a whole, and one mark for each of its numbers would say it hundreds of times.
 */
class TextBlocks implements ColumnFamily<string> {
  private items: (Float32Array | undefined)[] = [];
  private query: Float32Array | undefined;
  private readonly projections = new Map<number, Projection>();

  constructor(private readonly builder: Builder) {}

  locate({ items, query }: CleanList, _nowMs: number, vectorOf: VectorOf): void {
    // Queries of lists without texts of items are not embedded: whether one is at hand is chance.
    const isEmbedded = query !== '' && items.some(({ text }) => text !== '');
    this.query = isEmbedded ? vectorOf(query) : undefined;
    for (let i = 0; i < items.length; i++) {
      const { text } = items[i]!;
      this.items[i] = text === '' ? undefined : vectorOf(text);
    }
  }

  values(name: string): Values {
    const [block, number] = name.split(' ') as [Block, string];
    const place = Number(number);
    const columns = this.builder.settings.features.text[block];
    return this.builder.add(
      new Filled((values, count) => {
        const query = block === 'item' ? 1 : this.number(this.query, place, columns);
        // + 0: a query's number below 0 times no text is −0.
        for (let i = 0; i < count; i++)
          values[i] = block === 'query' ? query : query * this.number(this.items[i], place, columns) + 0;
      }),
    );
  }

  /** A number of a block of `columns`. */
  private number(vector: Float32Array | undefined, place: number, columns: number): number {
    if (!vector) return 0;
    if (columns >= vector.length) return vector[place] ?? 0;
    let projection = this.projections.get(columns);
    if (!projection) {
      projection = new Projection(this.builder.keys.space.declared('text'), columns, vector.length);
      this.projections.set(columns, projection);
    }
    return projection.of(vector, place);
  }
}

const textBlocks = (builder: Builder): TextBlocks => new TextBlocks(builder);
