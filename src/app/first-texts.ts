import type { CleanList } from '../pipeline/admitted.js';

/** Distinct texts that `encoder.model: builtin` chooses by. */
export const CHOICE_TEXTS = 256;

/** The first distinct texts of a stream that an encoder would get, up to a number. */
export class FirstTexts {
  private readonly seen = new Set<string>();

  constructor(private readonly most: number) {}

  /** True once no more are wanted. */
  get isFull(): boolean {
    return this.seen.size >= this.most;
  }

  get texts(): readonly string[] {
    return [...this.seen];
  }

  take({ query, items }: Pick<CleanList, 'query'> & { readonly items: readonly { readonly text: string }[] }): void {
    // A query is compared with item texts only: without any it is not embedded.
    if (this.isFull || !items.some(({ text }) => text !== '')) return;
    for (const text of [query, ...items.map((item) => item.text)]) {
      if (text !== '' && !this.isFull) this.seen.add(text);
    }
  }
}
