import type { DeclaredMatch } from '../../../config/declared-schema.js';
import type { CleanList } from '../../admitted.js';
import { matchedTexts } from '../../declared.js';
import { mix, type Key } from '../../state/keys.js';
import type { Builder, ColumnFamily, MakeFamily } from '../definitions.js';
import type { KeyedTable } from '../keyed-table.js';
import type { StateColumn } from '../state-column.js';
import { Filled, type Values } from '../values.js';

/** How soon further times that a word stands in a text say less, and how much the length of the text says. */
const K1 = 1.2;
const B = 0.75;

/**
 * BM25 as Lucene computes it: Σ idf·f/(f + k₁·(1 − b + b·length/mean length)), idf = ln(1 + (N − n + ½)/(n + ½)), over the
 * distinct words that are looked for (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009). The items shown
 * before are what is counted in: each once, when it was first shown, with the words that it had then.
 */
export const wordCounts =
  (feature: DeclaredMatch, at: number): MakeFamily<ColumnFamily<'score'>> =>
  (builder) =>
    new WordCounts(builder, feature, at);

class WordCounts implements ColumnFamily<'score'> {
  /** An entry a word: how many items have it. */
  private readonly words: KeyedTable;
  private readonly having: StateColumn;
  /** An entry an item that was counted, and one for all of them. */
  private readonly items: KeyedTable;
  private readonly isCounted: StateColumn;
  private readonly itemCount: StateColumn;
  private readonly wordCount: StateColumn;
  private readonly space: Key;

  constructor(
    private readonly builder: Builder,
    { name, from }: DeclaredMatch,
    private readonly at: number,
  ) {
    this.space = builder.keys.space.declared(name);
    this.words = builder.store(`words ${name}=${from}`);
    this.having = this.words.plain('items');
    this.items = builder.store(`worded ${name}=${from}`);
    this.isCounted = this.items.plain('counted');
    this.itemCount = this.items.plain('items');
    this.wordCount = this.items.plain('words');
  }

  /** Counts the items that were never shown before. */
  shown({ items }: CleanList, nowMs: number): void {
    this.items.reserve(items.length + 1);
    const all = this.items.touch(this.space, nowMs);
    for (let i = 0; i < items.length; i++) {
      const [text] = matchedTexts(items[i]!, this.at);
      if (!text) continue;
      const entry = this.items.touch(mix(this.space, this.builder.keys.items[i]!), nowMs);
      if (this.isCounted.values[entry]! > 0) continue;
      this.isCounted.values[entry] = 1;
      this.itemCount.values[all]! += 1;
      this.wordCount.values[all]! += text.length;
      const distinct = new Set(text);
      this.words.reserve(distinct.size);
      for (const word of distinct) this.having.values[this.words.touch(this.keyOf(word), nowMs)]! += 1;
    }
  }

  values(): Values {
    return this.builder.add(
      new Filled((values, count, { items }) => {
        const all = this.items.find(this.space);
        const itemCount = all < 0 ? 0 : this.itemCount.values[all]!;
        const meanLength = itemCount === 0 ? NaN : this.wordCount.values[all]! / itemCount;
        let last: readonly string[] | null = null;
        let sought: readonly Sought[] = [];
        for (let i = 0; i < count; i++) {
          const [text, query] = matchedTexts(items[i]!, this.at);
          if (query && query !== last) sought = this.weighed((last = query), itemCount);
          values[i] = text && query ? scoreOf(text, sought, meanLength) : NaN;
        }
      }),
    );
  }

  /** The distinct words of what is looked for, each with what it says. */
  private weighed(query: readonly string[], itemCount: number): readonly Sought[] {
    return [...new Set(query)].map((word) => {
      const entry = this.words.find(this.keyOf(word));
      const having = entry < 0 ? 0 : Math.min(this.having.values[entry]!, itemCount);
      return { word, weight: Math.log(1 + (itemCount - having + 0.5) / (having + 0.5)) };
    });
  }

  private keyOf(word: string): Key {
    return mix(this.space, this.builder.keys.space.termKeyOf(word));
  }
}

interface Sought {
  readonly word: string;
  readonly weight: number;
}

/** @param meanLength of the texts shown before; NaN: there are none, and lengths say nothing yet */
function scoreOf(text: readonly string[], sought: readonly Sought[], meanLength: number): number {
  const length = meanLength > 0 ? text.length / meanLength : 1;
  let score = 0;
  for (const { word, weight } of sought) {
    let times = 0;
    for (const each of text) if (each === word) times++;
    if (times > 0) score += (weight * times) / (times + K1 * (1 - B + B * length));
  }
  return score;
}
