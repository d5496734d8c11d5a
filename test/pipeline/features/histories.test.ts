import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config, ConfigInput } from '../../../src/config/schema.js';
import { type History, INTERACTION_TYPES, type InteractionType } from '../../../src/events/index.js';
import { Features, shapeOf } from '../../../src/pipeline/features/features.js';
import type { ShownList } from '../../../src/pipeline/shown.js';
import type { CapturedColumns } from '../../../src/pipeline/state/captured.js';
import { cleanInteraction, cleanList, configOf, keyOf, T0 } from '../kit.js';

type HistoryInput = NonNullable<NonNullable<ConfigInput['features']>['history']>;

const length = fc.nat(4);
const settings = fc.record({
  session: fc.record({ acted: length, shown: length }),
  user: fc.record({ acted: length, shown: length }),
  types: fc.subarray([...INTERACTION_TYPES], { minLength: 1 }),
  maxSessions: fc.constantFrom(1, 2, 100),
  maxUsers: fc.constantFrom(1, 2, 100),
});
const person = fc.option(fc.nat(2).map((nth) => `u${nth}`));
const session = fc.nat(3).map((nth) => `s${nth}`);
const itemId = fc.constantFrom('i0', 'i1', 'i"2"', 'i\n3', '酒');
const step = fc.oneof(
  fc.record({
    is: fc.constant('list' as const),
    afterMs: fc.nat(9_000),
    session,
    user: person,
    items: fc.uniqueArray(itemId, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    is: fc.constant('act' as const),
    afterMs: fc.nat(9_000),
    session,
    user: person,
    itemId,
    type: fc.constantFrom(...INTERACTION_TYPES),
    /** Place of its impression's list among all of before; null: none is known. */
    of: fc.option(fc.nat(20)),
  }),
);
const steps = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** Everything that was ever added for somebody. */
interface Event {
  readonly who: string;
  readonly kind: 'acted' | 'shown';
  readonly itemId: string;
  readonly timeMs: number;
  readonly type: InteractionType;
}

/** The histories of a list, found by looking through all that ever happened. */
function recount(events: readonly Event[], { features }: Config, list: List): History {
  const { history } = features;
  const found: Record<string, unknown> = {};
  for (const scope of ['session', 'user'] as const) {
    const known = events.filter(({ who, kind }) => who.startsWith(scope) && history[scope][kind] > 0);
    const most = scope === 'session' ? history.maxSessions : history.maxUsers;
    const order: string[] = [];
    const forgotten = new Map<string, number>();
    known.forEach(({ who }, at) => {
      if (order.includes(who)) order.splice(order.indexOf(who), 1);
      order.push(who);
      if (order.length > most) forgotten.set(order.shift()!, at);
    });
    const who = `${scope} ${list[scope]}`;
    for (const kind of ['acted', 'shown'] as const) {
      const count = history[scope][kind];
      if (count === 0) continue;
      const own = known.filter(
        (event, at) => event.who === who && event.kind === kind && at > (forgotten.get(who) ?? -1),
      );
      const last = own.slice(-count);
      const lists = {
        itemIds: last.map((event) => event.itemId),
        ...(kind === 'acted' ? { types: last.map((event) => event.type) } : {}),
        gapsMs: last.map((event) => list.nowMs - event.timeMs),
      };
      found[`${scope}${kind === 'acted' ? 'Acted' : 'Shown'}`] = list[scope] === null ? null : lists;
    }
  }
  return found as History;
}

interface List {
  readonly session: string;
  readonly user: string | null;
  readonly nowMs: number;
}

/** A stream told to the features: what they say of each list, and what is so by {@link recount}. */
class Told {
  readonly found: (History | undefined)[] = [];
  readonly expected: History[] = [];
  private readonly events: Event[] = [];
  private readonly shown: ShownList[] = [];
  private features: Features;
  private nowMs = T0;

  constructor(private config: Config) {
    this.features = new Features(config, keyOf);
  }

  tell(one: Step): void {
    this.nowMs += one.afterMs;
    if (one.is === 'list') this.show(one);
    else this.act(one);
  }

  /** Goes on with features that take over what these have captured, whatever happened between capture and copy. */
  restart(meanwhile: readonly Step[], config = this.config): void {
    const begun = Object.entries(this.features.tables()).map(([name, part]) => {
      const capture = part.beginCapture?.();
      return { name, capture, columns: capture?.columns ?? structuredClone(part.capture()) };
    });
    const { nowMs } = this;
    const [events, lists, answers] = [this.events.length, this.shown.length, this.found.length];
    for (const one of meanwhile) this.tell(one);
    // What happened meanwhile is lost, as to a process that ends.
    this.nowMs = nowMs;
    this.events.length = events;
    this.shown.length = lists;
    this.found.length = this.expected.length = answers;
    this.config = config;
    this.features = new Features(config, keyOf);
    const parts = this.features.tables();
    for (const { name, capture, columns } of begun) {
      capture?.copyOn(Infinity);
      parts[name]?.restore(whole(columns));
    }
  }

  private show({ session, user, items }: Step & { readonly is: 'list' }): void {
    const list = cleanList('r', this.nowMs, items, { session, user });
    this.features.locate(list, this.nowMs, () => undefined);
    this.found.push(this.features.histories?.asOf(list, this.nowMs).words);
    this.expected.push(recount(this.events, this.config, { session, user, nowMs: this.nowMs }));
    this.features.shown(list, this.nowMs);
    this.shown.push(this.features.retained(list, new Float64Array(items.length)));
    for (const itemId of items) this.note('shown', { session, user }, itemId, 'VIEW');
  }

  private act({ session, user, itemId, type, of }: Step & { readonly is: 'act' }): void {
    const list = of === null ? undefined : this.shown[of % Math.max(1, this.shown.length)];
    const interaction = cleanInteraction(type, this.nowMs, itemId, { session, user });
    this.features.acted(interaction, list && { list, index: 0 }, false, this.nowMs);
    if (this.config.features.history.types.includes(type))
      this.note('acted', { session, user: user ?? list?.user ?? null }, itemId, type);
  }

  private note(
    kind: Event['kind'],
    { session, user }: { readonly session: string; readonly user: string | null },
    itemId: string,
    type: InteractionType,
  ): void {
    const about = { kind, itemId, type, timeMs: this.nowMs };
    this.events.push({ ...about, who: `session ${session}` });
    if (user !== null) this.events.push({ ...about, who: `user ${user}` });
  }
}

/** Columns as a checkpoint gives them back: each in one piece. */
function whole(columns: CapturedColumns): CapturedColumns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const parts = ArrayBuffer.isView(column) ? [column] : column;
      const [first] = parts;
      if (first === undefined) return [name, new Float64Array(0)];
      return [name, first instanceof Uint8Array ? Uint8Array.from(Buffer.concat(parts as Uint8Array[])) : first];
    }),
  );
}

const withHistory = (history: HistoryInput): Config => configOf({ features: { history } });

describe('features.history', () => {
  test('is what a look through all that ever happened finds, as of each list, across restarts', () => {
    fc.assert(
      fc.property(settings, steps, fc.array(steps, { maxLength: 3 }), (history, stream, lost) => {
        const told = new Told(withHistory(history));
        stream.forEach((one, at) => {
          told.tell(one);
          if (at % 13 === 12) told.restart(lost[at % 3] ?? []);
        });
        const isOff = history.session.acted + history.session.shown + history.user.acted + history.user.shown === 0;
        expect(told.found).toEqual(isOff ? told.found.map(() => undefined) : told.expected);
      }),
      { numRuns: 60 },
    );
  });

  test('of a shorter length keeps the newest of what was remembered', () => {
    const [long, short] = [4, 2].map((acted) => withHistory({ session: { acted }, user: { acted, shown: 4 } }));
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const told = new Told(long!);
        before.forEach((one) => told.tell(one));
        told.restart([], short);
        after.forEach((one) => told.tell(one));
        expect(told.found).toEqual(told.expected);
      }),
    );
  });

  test('changes no column, and the name of what is remembered only where it is asked for', () => {
    const [off, on] = [configOf(), withHistory({ user: { acted: 3 } })];
    expect(new Features(on, keyOf).width).toBe(new Features(off, keyOf).width);
    expect(shapeOf(withHistory({ maxUsers: 7 }), keyOf)).toBe(shapeOf(off, keyOf));
    expect(shapeOf(on, keyOf)).not.toBe(shapeOf(off, keyOf));
  });

  test('of what was shown under a replaced key tells no user of an interaction that names none', () => {
    const { histories } = new Features(withHistory({ user: { acted: 3 } }), keyOf);
    const features = new Features(configOf(), keyOf);
    const list = cleanList('r', T0, ['i'], { user: 'u' });
    features.locate(list, T0, () => undefined);
    const shown = features.retained(list, new Float64Array(1));
    histories!.acted(cleanInteraction('CLICK', T0, 'i'), { ...shown, isOfAnotherKey: true }, T0);
    expect(histories!.asOf(list, T0).words.userActed?.itemIds).toEqual([]);
    histories!.acted(cleanInteraction('CLICK', T0, 'i'), shown, T0);
    expect(histories!.asOf(list, T0 + 5).words.userActed).toEqual({ itemIds: ['i'], types: ['CLICK'], gapsMs: [5] });
  });
});
