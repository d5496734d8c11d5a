import { textsToEmbed } from './embed/texts-of.js';
import type { Followed, Follower } from './follow.js';
import type { Waiting } from './order/event-heap.js';
import type { Counts } from './progress/counts.js';

/** Vectors of a batch's texts: after `load`, `get` answers for each of them until the next `load`. */
export interface VectorSource {
  load(texts: Iterable<string>): Promise<void>;
  get(text: string): Float32Array | undefined;
}

/** Items whose texts are embedded together: bounds the vectors held at a time when much is let go at once. */
const ITEMS_A_SLICE = 8_192;

/** Follows events in the order of their turns, slice by slice, each with its texts' vectors at hand. */
export async function liveThrough(
  follower: Follower,
  released: readonly Waiting[],
  vectors: VectorSource | undefined,
  counts: Counts,
): Promise<Followed> {
  const all: Followed = { deadLetters: [], late: [] };
  for (const slice of slicesOf(released)) {
    await vectors?.load(textsToEmbed(slice));
    const { deadLetters, late } = follower.follow(slice, (text) => vectors?.get(text), counts);
    for (const letter of deadLetters) all.deadLetters.push(letter);
    for (const interaction of late) all.late.push(interaction);
  }
  return all;
}

function* slicesOf(released: readonly Waiting[]): Generator<readonly Waiting[]> {
  let from = 0;
  let items = 0;
  for (let at = 0; at < released.length; at++) {
    const { event } = released[at]!;
    items += event.kind === 'list' ? event.list.items.length : 1;
    if (items < ITEMS_A_SLICE) continue;
    yield released.slice(from, at + 1);
    from = at + 1;
    items = 0;
  }
  if (from < released.length) yield from === 0 ? released : released.slice(from);
}
