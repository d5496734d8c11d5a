import { crc32 } from 'node:zlib';
import type { Draft } from './fields.js';

/** What a list is to those before it: the first of its request, the same items again, or other ones under the same id. */
export type Repetition = 'first' | 'again' | 'other-items';

/** Knows the requests of the lists of late, up to `most`, for logs in which each interaction carries its whole list. */
export class RepeatedLists {
  /** Checksum of the item ids, by request. */
  private readonly seen = new Map<string, number>();

  constructor(private readonly most: number) {}

  see(requestId: string, items: readonly Draft[]): Repetition {
    const sum = crc32(JSON.stringify(items.map(({ itemId }) => itemId)));
    const before = this.seen.get(requestId);
    if (before !== undefined) return before === sum ? 'again' : 'other-items';
    this.seen.set(requestId, sum);
    if (this.seen.size > this.most) this.seen.delete(this.seen.keys().next().value!);
    return 'first';
  }
}
