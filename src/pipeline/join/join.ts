import { goalOn } from '../../events/goals.js';
import { strength } from '../../events/strength.js';
import type { CleanInteraction } from '../admitted.js';
import type { ShownList } from '../shown.js';
import type { Key } from '../state/keys.js';
import { captureOwnLanes, type CapturedJoin, restoreOwnLanes, weightUntil } from './captured-join.js';
import type { OpenList } from './open-impressions.js';
import type { ListExtras } from './list-extras.js';
import { namesOf, placeOf, type Place } from './names.js';
import { itemIn, type Attachment, type Match } from './match.js';
import { weightOf } from './retained.js';
import { publicKeyOf } from './sample-key.js';
import { ShownLists } from './shown-lists.js';

export type { CapturedJoin } from './captured-join.js';
export type { ListExtras } from './list-extras.js';
export type { Attachment, JoinSettings, Match } from './match.js';

/**
 * Impressions waiting for their outcome, and the ways an interaction finds its own: by impression id, else by request and
 * item, else the most recent one shown to the session with that item. Everything here happens at an event's turn, so it
 * depends on the order of events alone, never on batches.
 */
export class Join extends ShownLists {
  /** What samples carry beside facts, by list; never in a checkpoint. */
  private readonly extras = new Map<number, ListExtras>();
  private readonly byGivenId = new Map<Key, number>();
  private nextList = 0;

  /**
   * Opens the impressions of a list. `keys` holds those of its items and of its impressions, in order.
   * @returns the sequence number of the first
   * @throws open-impressions-full at the cap under `stop`
   */
  openList(
    shown: ShownList,
    sessionKey: Key,
    requestKey: Key,
    keys: { readonly items: Float64Array; readonly impressions: Float64Array },
  ): number {
    const lane = this.laneFor(shown.surface);
    const count = shown.items.length;
    const weight = weightOf(shown);
    this.makeRoom(count, weight);
    const first = lane.append(count);
    const sequence = this.nextList++;
    const { timesMs, sampleKeys, itemKeys, listSequences } = lane.columns;
    for (let i = 0; i < count; i++) {
      const slot = lane.slot(first + i);
      timesMs[slot] = shown.eventTimeMs;
      sampleKeys[slot] = shown.isHidden ? publicKeyOf(shown, i, this.keyOf) : keys.impressions[i]!;
      itemKeys[slot] = keys.items[i]!;
      listSequences[slot] = sequence;
      const { givenKey } = shown.items[i]!;
      if (givenKey !== null) this.byGivenId.set(givenKey, first + i);
    }
    this.lists.set(sequence, {
      sequence,
      shown,
      firstImpression: first,
      weightBefore: lane.totalWeight,
      weight,
      sessionKey,
      requestKey,
      previousOfSession: lane.bySession.get(sessionKey) ?? -1,
      previousOfRequest: lane.byRequest.get(requestKey) ?? -1,
    });
    lane.totalWeight += weight;
    lane.bySession.set(sessionKey, sequence);
    lane.byRequest.set(requestKey, sequence);
    return first;
  }

  /** The impression an interaction belongs to, open or closed; undefined when none is remembered. */
  find(interaction: CleanInteraction, sessionKey: Key): Match | undefined {
    const names = namesOf(interaction, this.keyOf);
    if (names.impression !== null) return this.findByGivenKey(names.impression) ?? this.findAt(names.place);
    const itemKey = this.keyOf(interaction.itemId);
    if (names.request !== null) {
      let other: Match | undefined;
      for (const list of this.listsOf('request', names.request)) {
        const match = itemIn(this.laneOf(list.firstImpression), list, itemKey);
        if (match && list.sessionKey === sessionKey) return match;
        other ??= match;
      }
      return other;
    }
    for (const list of this.listsOf('session', sessionKey)) {
      if (list.shown.eventTimeMs > interaction.eventTimeMs) continue;
      const match = itemIn(this.laneOf(list.firstImpression), list, itemKey);
      if (match) return match;
    }
    return undefined;
  }

  /** Attaches an interaction to its impression at its turn. A late one changes nothing but `reachedGoal`. */
  attach(match: Match, interaction: CleanInteraction, turnMs: number): Attachment {
    const lane = this.laneOf(match.sequence);
    const { reachedGoal, flags, ranks, values } = lane.columns;
    const slot = lane.slot(match.sequence);
    const rank = strength(interaction.type);
    const goal = goalOn(this.settings.goals, match.list.shown.surface);
    const firstAtGoal = rank >= strength(goal) && reachedGoal[slot] === 0;
    if (firstAtGoal) reachedGoal[slot] = 1;
    const late = this.isClosed(match, turnMs);
    if (!late) {
      flags[slot]! |= interaction.flags ?? 0;
      ranks[slot] = Math.max(ranks[slot]!, rank);
      values[slot] = Math.min(Math.max(values[slot]! + interaction.value, -Number.MAX_VALUE), Number.MAX_VALUE);
    }
    return { match, late, firstAtGoal };
  }

  /** Keeps what the samples of the list opened last carry. */
  keepExtras(extras: ListExtras): void {
    this.extras.set(this.nextList - 1, extras);
  }

  /** What the samples of a list carry; undefined when that is nothing. */
  extrasOf(sequence: number): ListExtras | undefined {
    return this.extras.get(sequence);
  }

  /** Everything but the feature rows, for a checkpoint; columns are copies. */
  capture(): CapturedJoin {
    const { retainedFrom, openFrom, end, emittedBefore, forgetMs, totalWeight } = this.open;
    const own = captureOwnLanes(this.lanes.slice(1));
    return {
      columns: { ...this.open.capture(), ...own.columns },
      retainedFrom,
      openFrom,
      end,
      emittedBefore,
      nextList: this.nextList,
      oldestList: this.oldestOf(this.open)?.sequence ?? this.nextList,
      forgetMs,
      totalWeight,
      ...(own.lanes.length > 0 ? { ownLanes: own.lanes, closing: this.closing.capture() } : {}),
      lists: [...this.lists.values()],
    };
  }

  /** Takes over what {@link capture} gave. Feature rows of impressions open then are missing: they must have been emitted. */
  restore(captured: CapturedJoin): void {
    const { columns, retainedFrom, openFrom, end, lists, emittedBefore } = captured;
    this.open.restore(columns, { retainedFrom, openFrom, end });
    this.open.emittedBefore = emittedBefore;
    this.open.forgetMs = captured.forgetMs;
    this.open.totalWeight = captured.totalWeight ?? weightUntil(lists.at(-1));
    restoreOwnLanes(this.lanes.slice(1), captured);
    this.closing.restore(
      captured.closing ?? [{ from: emittedBefore, to: openFrom }].filter(({ from, to }) => from < to),
    );
    this.nextList = captured.nextList;
    for (const { bySession, byRequest } of this.lanes) for (const index of [bySession, byRequest]) index.clear();
    for (const index of [this.lists, this.byGivenId]) index.clear();
    for (const list of lists) {
      const { bySession, byRequest } = this.laneOf(list.firstImpression);
      this.lists.set(list.sequence, list);
      bySession.set(list.sessionKey, list.sequence);
      byRequest.set(list.requestKey, list.sequence);
      list.shown.items.forEach(({ givenKey }, index) => {
        if (givenKey !== null) this.byGivenId.set(givenKey, list.firstImpression + index);
      });
    }
  }

  /** The impression of an id, given by its producer or made of request and position. */
  findById(impressionId: string): Match | undefined {
    return this.findByGivenKey(this.keyOf(impressionId)) ?? this.findAt(placeOf(impressionId, this.keyOf));
  }

  findByGivenKey(givenKey: Key): Match | undefined {
    const sequence = this.byGivenId.get(givenKey);
    if (sequence === undefined) return undefined;
    const list = this.listOf(sequence);
    // A forgotten one is passed over: whether its memory has been given back depends on batches.
    return this.remembers(list) ? { sequence, list, index: sequence - list.firstImpression } : undefined;
  }

  private findAt(place: Place | null): Match | undefined {
    if (place === null) return undefined;
    for (const list of this.listsOf('request', place.request)) {
      const index = list.shown.items.findIndex((item) => item.position === place.position && item.givenKey === null);
      if (index >= 0) return { sequence: list.firstImpression + index, list, index };
    }
    return undefined;
  }

  protected forgetNames(list: OpenList): void {
    this.extras.delete(list.sequence);
    list.shown.items.forEach(({ givenKey }, index) => {
      if (givenKey !== null && this.byGivenId.get(givenKey) === list.firstImpression + index)
        this.byGivenId.delete(givenKey);
    });
  }
}
