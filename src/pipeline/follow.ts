import { impressionIdOf } from '../events/impression-id.js';
import { SluiceError } from '../errors.js';
import { goalOn, type Goals } from '../events/goals.js';
import { strength } from '../events/strength.js';
import type { DeadLetter, LateInteraction, Surface } from '../events/words.js';
import type { Pseudonymiser } from '../ports/pseudonymiser.js';
import type { LogRecord } from '../ports/transport.js';
import type { AdmittedInteraction, AdmittedList, CleanInteraction, CleanItem, CleanList } from './admitted.js';
import type { VectorOf } from './features/features.js';
import type { ListHistory } from './features/histories.js';
import { collisionOf, identityOf } from './join/collisions.js';
import type { Match } from './join/join.js';
import type { Marks } from './join/lane.js';
import { impossibleBy } from './join/match.js';
import { isOfSession, namesOf } from './join/names.js';
import { impressionKeyOf } from './join/sample-key.js';
import { lateInteraction, latePositivesOf, type LatePositive } from './late-interaction.js';
import type { Waiting } from './order/event-heap.js';
import { noCounts, type Counts } from './progress/counts.js';
import { contains } from './privacy/pseudonymise.js';
import { isAct } from './quality/conduct.js';
import type { Turnstile } from './quality/turnstile.js';
import { withRefused } from './route/dead-letter-record.js';
import type { RecentKeys } from './state/recent-keys.js';
import type { ListExtras } from './join/list-extras.js';
import type { StreamState } from './stream-state.js';

export interface FollowSettings {
  readonly goals: Goals;
  readonly allowedLatenessMs: number;
  readonly keyed: Pseudonymiser;
  /** True when samples carry the text vectors. */
  readonly keepVectors: boolean;
  /** Makes the dead letter of a list that came too late. */
  readonly tooLate: (record: LogRecord, reason: string) => DeadLetter;
  /** Makes the dead letter of a list whose impressions have the identity of others. */
  readonly collided: (record: LogRecord, reason: string) => DeadLetter;
  /** What a rule on conduct does with an interaction that it catches. */
  readonly turnstile: Turnstile;
}

/** What following some events gave beside the changed state. */
export interface Followed {
  readonly deadLetters: DeadLetter[];
  readonly late: LateInteraction[];
  /** Those of them that make the label of a sample 1. */
  readonly latePositives: LatePositive[];
  /** What these events add to the counts. */
  readonly counts: Counts;
  /** Messages that became dead letters at their turn: too late, or diverted by a rule on conduct. */
  refusedCount: number;
}

/**
 * Lives through events in the order of their turns: a list is described from the state before it, then counted and opened;
 * an interaction is attached to its impression, then counted. The only place where the stream's state changes.
 */
export class Follower {
  private rows = new Float32Array(0);
  private impressionKeys = new Float64Array(64);
  /** What the events under way have given so far. */
  private followed = nothingFollowed();

  constructor(
    private readonly state: StreamState,
    private readonly settings: FollowSettings,
    /** Impressions before these get no feature row: a re-read has emitted them. */
    private readonly rowsFrom: Marks = [],
  ) {}

  /**
   * Lives through some events.
   * @param then what follows the last of them: the windows up to a time close, or the end of the input was declared
   */
  follow(events: readonly Waiting[], vectorOf: VectorOf, then?: number | 'finish'): Followed {
    this.followed = nothingFollowed();
    const { features } = this.state;
    for (const waiting of events) {
      const { event, turnMs } = waiting;
      features.shared?.at(turnMs);
      this.state.join.advance(turnMs);
      for (const expired of this.state.pending.expire(turnMs)) this.unmatched(expired, turnMs);
      switch (event.kind) {
        case 'list':
          this.show(event, waiting, vectorOf);
          break;
        case 'interaction':
          this.followed.counts.interactionsRead++;
          this.followed.counts.valuesIgnored += event.interaction.ignoredCount ?? 0;
          if (event.interaction.namesPerson) this.followed.counts.identifyingIds++;
          this.act(event, turnMs);
          break;
      }
    }
    if (then === 'finish') this.finish();
    else if (then !== undefined) this.state.join.advance(then);
    if (typeof then === 'number') features.shared?.passed(then);
    return this.followed;
  }

  /** Nothing that waits can be matched any more, every window closes. */
  private finish(): void {
    for (const expired of this.state.pending.expire(Infinity)) this.unmatched(expired, expired.eventTimeMs);
    this.state.join.closeAll();
  }

  /** What the samples of a list carry; undefined: nothing. */
  private extrasOf(
    { query, items }: CleanList,
    history: ListHistory | undefined,
    vectorOf: VectorOf,
  ): ListExtras | undefined {
    const { keepVectors } = this.settings;
    const carries = items[0]?.carried !== undefined;
    if (!keepVectors && !carries && !history) return undefined;
    return {
      ...(keepVectors ? { vectors: { query: vectorOf(query), items: items.map(({ text }) => vectorOf(text)) } } : {}),
      ...(carries ? { carried: items.map(({ carried }) => carried) } : {}),
      ...(history ? { history } : {}),
    };
  }

  private show(event: AdmittedList, { turnMs, lateRecord }: Waiting, vectorOf: VectorOf): void {
    const { features, join, seenImpressions } = this.state;
    const { counts, deadLetters } = this.followed;
    counts.impressionsRead += event.readCount;
    counts.impressionsDeadLettered += event.refusedCount;
    counts.valuesIgnored += event.list.ignoredCount ?? 0;
    if (event.list.namesPerson) counts.identifyingIds++;
    const letterAt = deadLetters.push(...event.deadLetters) - 1;
    // One letter a message: what cleaning refused of it comes first.
    const refuseRest = (letter: DeadLetter): void => {
      if (event.deadLetters.length === 0) deadLetters.push(letter);
      else deadLetters[letterAt] = withRefused(event.deadLetters[0]!, letter.refused);
    };

    const requestKey = features.keyOf(event.list.requestId);
    const fresh = this.withoutDuplicates(event.list, requestKey, turnMs, seenImpressions);
    const collision = fresh.length < event.list.items.length ? collisionOf(join, event.list, requestKey) : undefined;
    if (collision !== undefined) {
      counts.impressionsDeadLettered += event.list.items.length;
      const { reason } = new SluiceError('impressions-collide', { what: collision });
      if (event.record) refuseRest(this.settings.collided(event.record, reason));
      this.followed.refusedCount++;
      return;
    }
    counts.impressionsDuplicate += event.list.items.length - fresh.length;
    if (fresh.length === 0) return;
    if (lateRecord !== undefined) {
      counts.impressionsDeadLettered += fresh.length;
      const { reason } = new SluiceError('late-impression', {
        eventTimeMs: event.timeMs,
        behindMs: turnMs - event.timeMs,
      });
      refuseRest(this.settings.tooLate(lateRecord, reason));
      this.followed.refusedCount++;
      return;
    }

    const sent = fresh.length === event.list.items.length ? event.list : { ...event.list, items: fresh };
    const list = features.attributes?.into(sent) ?? sent;
    const lane = join.laneFor(list.surface);
    const isEmitted = lane.end - lane.base + fresh.length <= (this.rowsFrom[lane.index] ?? 0);
    features.locate(list, turnMs, vectorOf);
    if (!isEmitted) this.writeRows(list, turnMs);
    const history = isEmitted ? undefined : features.histories?.asOf(list, turnMs);
    features.shown(list, turnMs);
    this.state.conduct.show(features.session, list.items.length, turnMs);
    const closedEarly = join.closedEarlyCount;
    const shown = features.retained(list, this.impressionKeys);
    const first = join.openList(shown, features.session, requestKey, {
      items: features.itemKeys,
      impressions: this.impressionKeys,
    });
    counts.closedEarly += join.closedEarlyCount - closedEarly;
    if (!isEmitted) lane.rows.put(first, list.items.length, this.rows);
    const extras = isEmitted ? undefined : this.extrasOf(list, history, vectorOf);
    if (extras) join.keepExtras(extras);
    if (this.state.pending.size > 0) this.welcomePending(list, requestKey, turnMs);
  }

  private writeRows(list: CleanList, turnMs: number): void {
    const { features } = this.state;
    const length = list.items.length * features.width;
    if (this.rows.length < length) this.rows = new Float32Array(length);
    features.write(list, turnMs, this.rows);
  }

  private welcomePending(list: CleanList, requestKey: number, turnMs: number): void {
    list.items.forEach((item, index) => {
      const waiting = this.state.pending.take(
        impressionIdOf(list.requestId, item),
        requestKey,
        this.state.features.itemKeys[index]!,
      );
      for (const interaction of waiting) this.attach(interaction, turnMs);
    });
  }

  /** Items whose impressions were not seen before, their keys left in `impressionKeys`. */
  private withoutDuplicates(
    list: CleanList,
    requestKey: number,
    turnMs: number,
    seen: RecentKeys,
  ): readonly CleanItem[] {
    const { items } = list;
    if (items.length > this.impressionKeys.length) this.impressionKeys = new Float64Array(2 * items.length);
    let fresh = 0;
    let kept: CleanItem[] | undefined;
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      const key =
        item.impressionId === null
          ? impressionKeyOf(requestKey, item.position)
          : this.state.features.keyOf(item.impressionId);
      if (seen.add(identityOf(item, requestKey, this.state.features.keyOf), turnMs)) {
        this.impressionKeys[fresh++] = key;
        kept?.push(item);
      } else {
        kept ??= items.slice(0, i);
      }
    }
    return kept ?? items;
  }

  private act(event: AdmittedInteraction, turnMs: number): void {
    const { features, conduct, seenInteractions } = this.state;
    const { interaction } = event;
    const { counts, deadLetters } = this.followed;
    if (!seenInteractions.add(features.keyOf(interaction.interactionId), turnMs))
      return void counts.interactionsDuplicate++;
    const session = features.sessionKeyOf(interaction.session);
    const flags = conduct.judge(interaction, session, turnMs);
    const letter = flags === 0 ? undefined : this.settings.turnstile(event, flags, counts);
    if (!letter) features.attributes?.brought(interaction);
    if (!letter) return this.attach(flags === 0 ? interaction : { ...interaction, flags }, turnMs);
    deadLetters.push(letter);
    this.followed.refusedCount++;
    this.noteClick(interaction, this.state.join.find(interaction, session), turnMs);
  }

  /** The first click on an open impression counts for the conduct of the session it was shown to. */
  private noteClick(interaction: CleanInteraction, match: Match | undefined, turnMs: number): void {
    const { join, conduct } = this.state;
    if (!match || impossibleBy(interaction, match) || !isAct(interaction) || join.isClosed(match, turnMs)) return;
    if (join.laneOf(match.sequence).markActed(match.sequence)) conduct.click(match.list.sessionKey);
  }

  private attach(interaction: CleanInteraction, turnMs: number): void {
    const { features, join, pending } = this.state;
    const { counts, late, latePositives } = this.followed;
    const match = join.find(interaction, features.sessionKeyOf(interaction.session));
    if (!match) {
      if (isOfSession(namesOf(interaction, features.keyOf))) this.unmatched(interaction, turnMs);
      else pending.add(this.asWaiting(interaction), turnMs + this.settings.allowedLatenessMs);
      return;
    }
    const impossible = impossibleBy(interaction, match);
    if (impossible) {
      counts[`impossible${impossible}`]++;
      return this.unmatched(interaction, turnMs);
    }
    this.noteClick(interaction, match, turnMs);
    const attachment = join.attach(match, interaction, turnMs);
    if (!attachment.late) counts.interactionsJoined++;
    else {
      counts.interactionsLate++;
      const of = lateInteraction(interaction, match, join, turnMs, this.settings);
      late.push(of);
      latePositives.push(...latePositivesOf(of, attachment, join, counts));
    }
    const impression = { list: match.list.shown, index: match.index };
    features.acted(interaction, impression, this.reachesGoal(interaction, match.list.shown.surface), turnMs);
    if (attachment.firstAtGoal) features.clicked(match.list.shown, match.index, turnMs);
  }

  /** An id made of the one that is waited for may hold its user, whom only the impression tells. */
  private asWaiting(interaction: CleanInteraction): CleanInteraction {
    const { interactionId, requestId, impressionId, publicId } = interaction;
    const isMadeOfIt = contains(interactionId, requestId) || contains(interactionId, impressionId);
    const hidden = publicId ?? (isMadeOfIt ? this.settings.keyed.pseudonym('request', interactionId) : undefined);
    return hidden === undefined ? interaction : { ...interaction, interactionId: hidden, publicId: hidden };
  }

  private unmatched(interaction: CleanInteraction, turnMs: number): void {
    this.followed.counts.interactionsUnmatched++;
    this.state.features.acted(interaction, undefined, this.reachesGoal(interaction), turnMs);
  }

  /** @param surface of its impression; undefined where it has none */
  private reachesGoal({ type }: CleanInteraction, surface?: Surface): boolean {
    const { goals } = this.settings;
    return strength(type) >= strength(surface === undefined ? goals.goal : goalOn(goals, surface));
  }
}

function nothingFollowed(): Followed {
  return { deadLetters: [], late: [], latePositives: [], counts: noCounts(), refusedCount: 0 };
}
