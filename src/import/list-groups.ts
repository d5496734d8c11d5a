import type { Draft } from './fields.js';

/** A list whose rows are still coming. */
export interface OpenList {
  readonly head: Draft;
  readonly items: Draft[];
}

/**
 * Gathers one-row-an-impression logs into lists by request id. Rows of a request need not stand together: up to
 * `maxOpenLists` requests are open at once, then the oldest is taken as whole.
 */
export class ListGroups {
  private readonly open = new Map<string, OpenList>();

  constructor(private readonly maxOpenLists: number) {}

  /**
   * Adds an item to its request's list, numbered in order of coming when it has no position.
   * @returns whether it was added (a position that its list has already is refused), and the list that had to make room
   */
  add(head: Draft, item: Draft): { readonly isAdded: boolean; readonly complete: OpenList | undefined } {
    const requestId = head['requestId'] as string;
    const list = this.open.get(requestId);
    if (list) {
      item['position'] ??= list.items.length + 1;
      if (list.items.some((other) => other['position'] === item['position']))
        return { isAdded: false, complete: undefined };
      list.items.push(item);
      return { isAdded: true, complete: undefined };
    }
    item['position'] ??= 1;
    this.open.set(requestId, { head, items: [item] });
    if (this.open.size <= this.maxOpenLists) return { isAdded: true, complete: undefined };
    const [oldestId, oldest] = this.open.entries().next().value!;
    this.open.delete(oldestId);
    return { isAdded: true, complete: oldest };
  }

  /** Takes the lists that are left, oldest first. */
  *drain(): Generator<OpenList> {
    yield* this.open.values();
    this.open.clear();
  }
}
