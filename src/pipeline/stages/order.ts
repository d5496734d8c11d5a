import type { Admitted, Rejected } from '../admitted.js';
import { refuted } from '../admit.js';
import { standingOf, type Messages } from '../messages.js';
import type { Waiting } from '../order/event-heap.js';
import type { Reorder } from '../order/reorder.js';
import type { Stage } from '../stage.js';

/** Events whose turn has come, as many as are embedded and joined at a time. */
export interface Turns {
  readonly events: readonly Waiting[];
  /** What never gets a turn; in the first part of a unit. */
  readonly rejected: readonly Rejected[];
  /** What follows the last event: the windows up to the watermark close, or all of them; undefined: more events. */
  readonly then: 'advance' | 'finish' | undefined;
}

/** Items whose texts are embedded together: bounds the vectors held at a time when much is let go at once. */
const ITEMS_A_PART = 8_192;

export const order: Stage<Messages<Admitted>, readonly Turns[]> = {
  name: 'order',
  does: 'merges both inputs by event time; the watermark says whose turn has come',
  takes: 'messages',
  gives: 'events',
  run({ reorder, course, journal, deps: { gate } }, messages) {
    const unread = takeIn(messages, reorder);
    journal.noteRead(messages.messages, unread);
    const wasIdle = reorder.isLastRaiseIdle;
    const decree = course.advance(messages);
    if (decree) journal.noteDecree(decree, wasIdle);
    const rejected = [...unread, ...reorder.takeRefuted().map(refuted(gate))];
    const isEnd = decree !== undefined && 'floorMs' in decree && decree.floorMs === null;
    return partsOf(isEnd ? reorder.releaseAll() : reorder.release(), rejected, isEnd ? 'finish' : 'advance');
  },
  flow(input, parts) {
    const { sound } = standingOf(input);
    return {
      in: sound,
      out: parts.reduce((sum, { events }) => sum + events.length, 0),
      refused: parts[0]!.rejected.length - (input.messages.length - sound),
    };
  },
  count(counts, [first]) {
    for (const { input, readCount } of first!.rejected) {
      counts[`${input}Read`] += readCount;
      counts[`${input}DeadLettered`] += readCount;
    }
  },
};

/** Hands messages to the reorder buffer. @returns the rejected ones, which wait for nothing */
function takeIn({ messages, records }: Messages<Admitted>, reorder: Reorder): readonly Rejected[] {
  const rejected: Rejected[] = [];
  messages.forEach((event, at) => {
    if (event.kind === 'rejected') rejected.push(event);
    reorder.admit(event, records[at]!);
  });
  return rejected;
}

function partsOf(
  released: readonly Waiting[],
  rejected: readonly Rejected[],
  then: 'advance' | 'finish',
): readonly Turns[] {
  const parts: Turns[] = [];
  let from = 0;
  let items = 0;
  for (let at = 0; at < released.length - 1; at++) {
    const { event } = released[at]!;
    items += event.kind === 'list' ? event.list.items.length : 1;
    if (items < ITEMS_A_PART) continue;
    parts.push({ events: released.slice(from, at + 1), rejected: from === 0 ? rejected : [], then: undefined });
    from = at + 1;
    items = 0;
  }
  const last = from === 0 ? released : released.slice(from);
  return [...parts, { events: last, rejected: from === 0 ? rejected : [], then }];
}
