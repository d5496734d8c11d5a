import type { CleanList } from '../admitted.js';
import type { Builder, ColumnFamily } from './definitions.js';
import type { CapturedPart, VectorOf } from './family.js';
import { dot, fourDots, Interests } from './interests.js';
import { Filled, type Values } from './values.js';

/** The cosine of each item's text with the query and with the session's interest. */
export class Texts implements ColumnFamily<'query' | 'interest'> {
  private vectors: (Float32Array | undefined)[] = [];
  private vectorOf: VectorOf = () => undefined;
  private interests: Interests | undefined;
  private query: Values | undefined;
  private interest: Values | undefined;
  private readonly dots = new Float64Array(4);

  constructor(private readonly builder: Builder) {}

  get parts(): Readonly<Record<string, CapturedPart>> {
    return this.interests ? { [`interests~${this.builder.settings.encoder}`]: this.interests } : {};
  }

  /** The vectors of items that were shown lately. */
  get remembered(): Interests {
    return (this.interests ??= new Interests(this.builder.settings.features.maxInterestVectors));
  }

  /** The vector of the text of an item of the list located last; undefined: there is none. */
  vectorAt(i: number): Float32Array | undefined {
    return this.vectors[i];
  }

  values(name: 'query' | 'interest'): Values {
    const { builder } = this;
    if (!this.query && !this.interest) builder.add(new Filled((_values, count, list) => this.compare(count, list)));
    const values = builder.add(new Filled(() => undefined));
    if (name === 'query') return (this.query = values);
    this.interests = this.remembered;
    return (this.interest = values);
  }

  locate({ items }: CleanList, _nowMs: number, vectorOf: VectorOf): void {
    this.vectorOf = vectorOf;
    for (let i = 0; i < items.length; i++) {
      const { text } = items[i]!;
      this.vectors[i] = text === '' ? undefined : vectorOf(text);
    }
  }

  /** Remembers the vectors of the items, so that a later interaction finds them. */
  shown({ items }: CleanList): void {
    if (!this.interests) return;
    for (let i = 0; i < items.length; i++) {
      const vector = this.vectors[i];
      if (vector) this.interests.rememberItem(this.builder.keys.items[i]!, vector);
    }
  }

  acted(): void {
    this.interests?.act(this.builder.event.session, this.builder.event.items[0]!);
  }

  // Both columns in one go: four sums in one loop take hardly longer than one.
  private compare(count: number, list: CleanList): void {
    const query = this.query && list.query !== '' ? this.vectorOf(list.query) : undefined;
    const interest = this.interests?.of(this.builder.keys.session);
    const interestNorm = interest ? Math.sqrt(dot(interest, interest)) : 0;
    const first = query ?? interest;
    const second = interest ?? query;
    for (let i = 0; i < count; i += 2) {
      const vector = this.vectors[i];
      const next = i + 1 < count ? this.vectors[i + 1] : undefined;
      const some = vector ?? next;
      if (some && first && second) fourDots(vector ?? some, next ?? some, first, second, this.dots);
      for (let j = i; j < Math.min(i + 2, count); j++) {
        const pair = 2 * (j - i);
        if (this.query) this.query.values[j] = this.vectors[j] && query ? this.dots[pair]! : NaN;
        if (this.interest)
          this.interest.values[j] =
            this.vectors[j] && interest && interestNorm > 0 ? this.dots[pair + 1]! / interestNorm : NaN;
      }
    }
  }
}

export const texts = (builder: Builder): Texts => new Texts(builder);
