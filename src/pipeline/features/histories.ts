import type { HistorySettings } from '../../config/history-schema.js';
import { hasHistory } from '../../events/asked-histories.js';
import {
  type ActedItems,
  type History,
  INTERACTION_TYPES,
  type InteractionType,
  type ShownItems,
} from '../../events/words.js';
import type { CleanInteraction, CleanList } from '../admitted.js';
import type { ShownList } from '../shown.js';
import type { Key } from '../state/keys.js';
import type { CapturedPart } from './family.js';
import type { KeySpace } from './list-keys.js';
import { type Trail, type TrailItem, Trails } from './trails.js';

/** What `features.history` remembers of one partition; undefined where it asks for nothing. */
export function historiesOf(settings: HistorySettings, space: KeySpace): Histories | undefined {
  return hasHistory(settings) ? new Histories(settings, space) : undefined;
}

/**
 * The last items that sessions and users acted on and were shown, by their pseudonyms' keys. An interaction that names no
 * user counts for the one of its impression.
 */
export class Histories {
  readonly parts: Readonly<Record<string, CapturedPart>>;
  private readonly session: Trails | undefined;
  private readonly user: Trails | undefined;
  private readonly types: ReadonlySet<InteractionType>;

  constructor(
    { session, user, types, maxSessions, maxUsers }: HistorySettings,
    private readonly space: KeySpace,
  ) {
    this.types = new Set(types);
    if (session.acted + session.shown > 0) this.session = new Trails(session, maxSessions);
    if (user.acted + user.shown > 0) this.user = new Trails(user, maxUsers);
    const isAll = this.types.size === INTERACTION_TYPES.length;
    const only = isAll ? '' : `~${INTERACTION_TYPES.filter((type) => this.types.has(type)).join('+')}`;
    this.parts = {
      ...(this.session ? { [`history session${only}`]: this.session } : {}),
      ...(this.user ? { [`history user${only}`]: this.user } : {}),
    };
  }

  /** What the samples of a list carry if its turn is now, before it is counted as shown. */
  asOf({ session, user }: CleanList, nowMs: number): ListHistory {
    return new ListHistory(nowMs, {
      ...(this.session ? { session: { of: this.session, trail: this.session.of(this.space.session(session)) } } : {}),
      ...(this.user ? { user: { of: this.user, trail: user === null ? null : this.user.of(this.userKey(user)) } } : {}),
    });
  }

  shown({ session, user, items }: CleanList, nowMs: number): void {
    const seen = items.map(({ itemId }): TrailItem => ({ itemId, timeMs: nowMs, type: null }));
    this.session?.add(this.space.session(session), 'shown', seen);
    if (user !== null) this.user?.add(this.userKey(user), 'shown', seen);
  }

  /** @param list that its impression was shown in; undefined: nobody knows */
  acted({ session, user, itemId, type }: CleanInteraction, list: ShownList | undefined, nowMs: number): void {
    if (!this.types.has(type)) return;
    const done: readonly TrailItem[] = [{ itemId, timeMs: nowMs, type }];
    this.session?.add(this.space.session(session), 'acted', done);
    const who = user ?? (list && !list.isOfAnotherKey ? list.user : null);
    if (who !== null) this.user?.add(this.userKey(who), 'acted', done);
  }

  private userKey(user: string): Key {
    return this.space.keyOf(user);
  }
}

interface Kept {
  readonly of: Trails;
  /** null: the user is unknown. */
  readonly trail: Trail | null;
}

/** The histories of one list as of its turn; made into words for the first sample that carries them. */
export class ListHistory {
  private told: History | undefined;

  constructor(
    private readonly asOfMs: number,
    private readonly kept: { readonly session?: Kept; readonly user?: Kept },
  ) {}

  /** As samples carry them: what is not asked for is left out. */
  get words(): History {
    const { session, user } = this.kept;
    return (this.told ??= {
      ...(session && session.of.lengths.acted > 0 ? { sessionActed: this.acted(session) } : {}),
      ...(session && session.of.lengths.shown > 0 ? { sessionShown: this.shown(session) } : {}),
      ...(user && user.of.lengths.acted > 0 ? { userActed: this.acted(user) } : {}),
      ...(user && user.of.lengths.shown > 0 ? { userShown: this.shown(user) } : {}),
    });
  }

  private acted({ trail }: Kept): ActedItems | null {
    if (trail === null) return null;
    // Types before gaps: the order of the schema.
    const { itemIds, gapsMs } = this.of(trail.acted);
    return { itemIds, types: trail.acted.map(({ type }) => type!), gapsMs };
  }

  private shown({ trail }: Kept): ShownItems | null {
    return trail && this.of(trail.shown);
  }

  private of(items: readonly TrailItem[]): ShownItems {
    return {
      itemIds: items.map(({ itemId }) => itemId),
      gapsMs: items.map(({ timeMs }) => Math.max(0, this.asOfMs - timeMs)),
    };
  }
}
