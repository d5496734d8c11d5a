import { SluiceError } from '../../errors.js';
import { goalOn } from '../../events/goals.js';
import { strength } from '../../events/strength.js';
import type { CleanInteraction } from '../admitted.js';
import type { ShownList } from '../shown.js';
import type { Key, KeyOf } from '../state/keys.js';
import { type CapturedJoin, weightUntil } from './captured-join.js';
import { OpenImpressions, type OpenList } from './open-impressions.js';
import type { ListExtras } from './list-extras.js';
import { namesOf, placeOf, type Place } from './names.js';
import { itemIn, type Attachment, type JoinSettings, type Match } from './match.js';
import { excessOf, weightOf } from './retained.js';
import { publicKeyOf } from './sample-key.js';

export type { CapturedJoin } from './captured-join.js';
export type { ListExtras } from './list-extras.js';
export type { Attachment, JoinSettings, Match } from './match.js';

/**
 * Impressions waiting for their outcome, and the ways an interaction finds its own: by impression id, else by request and
 * item, else the most recent one shown to the session with that item. Everything here happens at an event's turn, so it
 * depends on the order of events alone, never on batches.
 */
export class Join {
  readonly open: OpenImpressions;
  private readonly lists = new Map<number, OpenList>();
  /** What samples carry beside facts, by list; never in a checkpoint. */
  private readonly extras = new Map<number, ListExtras>();
  readonly byRequest = new Map<Key, number>();
  private readonly bySession = new Map<Key, number>();
  private readonly byGivenId = new Map<Key, number>();
  private nextList = 0;
  private oldestList = 0;
  /** Impressions closed before their window ended, because the cap was reached. */
  closedEarlyCount = 0;

  constructor(
    /** May change between two events: what is closed stays closed. */
    public settings: JoinSettings,
    columnCount: number,
    readonly keyOf: KeyOf,
    /** Flag bits that a session has earned by now; they go on its impressions when these close. */
    private readonly flagsOfSession: (session: Key) => number = () => 0,
  ) {
    this.open = new OpenImpressions(columnCount);
  }

  /** The list of an impression. @throws bug when it was forgotten */
  listOf(sequence: number): OpenList {
    const list = this.lists.get(this.open.columns.listSequences[this.open.slot(sequence)]!);
    if (!list) throw new SluiceError('bug', { why: `impression ${sequence} has no list` });
    return list;
  }

  /** Closes what the stream has moved past and forgets what has been closed long enough. */
  advance(turnMs: number): void {
    const { open, settings } = this;
    const { timesMs } = open.columns;
    let until = open.openFrom;
    while (until < open.end && timesMs[open.slot(until)]! + settings.attributionWindowMs < turnMs) until++;
    this.closeBefore(until);
    this.forgetMs = Math.max(this.forgetMs, turnMs - settings.attributionWindowMs - settings.lateRetentionMs);
    for (let list = this.lists.get(this.oldestList); list; list = this.lists.get(this.oldestList)) {
      const end = list.firstImpression + list.shown.items.length;
      if (this.remembers(list) || end > open.openFrom || end > this.emittedBefore) break;
      this.forget(list, end);
    }
  }

  /** Event time before which lists count as forgotten, whether their memory has been given back yet or not. */
  private forgetMs = -Infinity;

  private remembers({ shown, weightBefore, weight }: OpenList): boolean {
    return (
      shown.eventTimeMs >= this.forgetMs &&
      this.totalWeight - weightBefore - weight < REMEMBERED_A_CAP * this.settings.maxOpenImpressions
    );
  }

  /** Weight of every list so far. */
  private totalWeight = 0;

  /** Sequence number before which samples have been taken out; the lists of the others must stay. */
  emittedBefore = 0;

  /** Closes every open impression, whatever its window. */
  closeAll(): void {
    this.closeBefore(this.open.end);
  }

  /** Closes what stands before a sequence number, list by list, and puts the flags of their sessions on them. */
  private closeBefore(sequence: number): void {
    const { open } = this;
    while (open.openFrom < sequence) {
      const list = this.listOf(open.openFrom);
      const until = Math.min(sequence, list.firstImpression + list.shown.items.length);
      const flags = this.flagsOfSession(list.sessionKey);
      for (let at = open.openFrom; flags !== 0 && at < until; at++) open.columns.flags[open.slot(at)]! |= flags;
      open.openFrom = until;
    }
  }

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
    const { open } = this;
    const count = shown.items.length;
    const weight = weightOf(shown);
    this.makeRoom(count, weight);
    const first = open.append(count);
    const sequence = this.nextList++;
    const { timesMs, sampleKeys, itemKeys, listSequences } = open.columns;
    for (let i = 0; i < count; i++) {
      const slot = open.slot(first + i);
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
      weightBefore: this.totalWeight,
      weight,
      sessionKey,
      requestKey,
      previousOfSession: this.bySession.get(sessionKey) ?? -1,
      previousOfRequest: this.byRequest.get(requestKey) ?? -1,
    });
    this.totalWeight += weight;
    this.bySession.set(sessionKey, sequence);
    this.byRequest.set(requestKey, sequence);
    return first;
  }

  /** The impression an interaction belongs to, open or closed; undefined when none is remembered. */
  find(interaction: CleanInteraction, sessionKey: Key): Match | undefined {
    const names = namesOf(interaction, this.keyOf);
    if (names.impression !== null) return this.findByGivenKey(names.impression) ?? this.findAt(names.place);
    const itemKey = this.keyOf(interaction.itemId);
    if (names.request !== null) {
      let other: Match | undefined;
      for (const list of this.chain(this.byRequest.get(names.request), 'previousOfRequest')) {
        const match = itemIn(this.open, list, itemKey);
        if (match && list.sessionKey === sessionKey) return match;
        other ??= match;
      }
      return other;
    }
    for (const list of this.chain(this.bySession.get(sessionKey), 'previousOfSession')) {
      if (list.shown.eventTimeMs > interaction.eventTimeMs) continue;
      const match = itemIn(this.open, list, itemKey);
      if (match) return match;
    }
    return undefined;
  }

  /** True when the outcome of an impression is final at a turn. */
  isClosed({ sequence }: Match, turnMs: number): boolean {
    const { open } = this;
    return (
      sequence < open.openFrom ||
      turnMs > open.columns.timesMs[open.slot(sequence)]! + this.settings.attributionWindowMs
    );
  }

  /** Attaches an interaction to its impression at its turn. A late one changes nothing but `reachedGoal`. */
  attach(match: Match, interaction: CleanInteraction, turnMs: number): Attachment {
    const { reachedGoal, flags, ranks, values } = this.open.columns;
    const slot = this.open.slot(match.sequence);
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
    const { open } = this;
    return {
      columns: open.capture(),
      retainedFrom: open.retainedFrom,
      openFrom: open.openFrom,
      end: open.end,
      emittedBefore: this.emittedBefore,
      nextList: this.nextList,
      oldestList: this.oldestList,
      forgetMs: this.forgetMs,
      totalWeight: this.totalWeight,
      lists: [...this.lists.values()],
    };
  }

  /** Takes over what {@link capture} gave. Feature rows of impressions open then are missing: they must have been emitted. */
  restore(captured: CapturedJoin): void {
    const { columns, retainedFrom, openFrom, end, lists } = captured;
    this.open.restore(columns, { retainedFrom, openFrom, end });
    this.emittedBefore = captured.emittedBefore;
    this.nextList = captured.nextList;
    this.oldestList = captured.oldestList;
    this.forgetMs = captured.forgetMs;
    for (const index of [this.lists, this.bySession, this.byRequest, this.byGivenId]) index.clear();
    this.totalWeight = captured.totalWeight ?? weightUntil(lists.at(-1));
    for (const list of lists) {
      this.lists.set(list.sequence, list);
      this.bySession.set(list.sessionKey, list.sequence);
      this.byRequest.set(list.requestKey, list.sequence);
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
    for (const list of this.chain(this.byRequest.get(place.request), 'previousOfRequest')) {
      const index = list.shown.items.findIndex((item) => item.position === place.position && item.givenKey === null);
      if (index >= 0) return { sequence: list.firstImpression + index, list, index };
    }
    return undefined;
  }

  *chain(newest: number | undefined, link: 'previousOfSession' | 'previousOfRequest'): Generator<OpenList> {
    let list = newest === undefined ? undefined : this.lists.get(newest);
    for (let steps = 0; list && this.remembers(list) && steps < LONGEST_CHAIN; steps++) {
      yield list;
      list = this.lists.get(list[link]);
    }
  }

  private makeRoom(count: number, weight: number): void {
    const { open, settings } = this;
    const { maxOpenImpressions: most } = settings;
    const closing = excessOf(open, (sequence) => this.listOf(sequence), this.totalWeight, { count, weight, most });
    if (closing === 0 && count <= most) return;
    if (settings.overflow === 'stop') throw new SluiceError('open-impressions-full', { limit: most });
    this.closeBefore(open.openFrom + closing);
    this.closedEarlyCount += closing;
  }

  private forget(list: OpenList, end: number): void {
    this.lists.delete(list.sequence);
    this.extras.delete(list.sequence);
    this.oldestList = list.sequence + 1;
    if (this.bySession.get(list.sessionKey) === list.sequence) this.bySession.delete(list.sessionKey);
    if (this.byRequest.get(list.requestKey) === list.sequence) this.byRequest.delete(list.requestKey);
    list.shown.items.forEach(({ givenKey }, index) => {
      if (givenKey !== null && this.byGivenId.get(givenKey) === list.firstImpression + index)
        this.byGivenId.delete(givenKey);
    });
    this.open.forgetBefore(end);
  }
}

/** Impressions remembered, open and closed, for each one that may be open. */
const REMEMBERED_A_CAP = 2;

/** Lists of one session or request looked through for an item: bounds the work a bot's session can cause. */
const LONGEST_CHAIN = 256;
