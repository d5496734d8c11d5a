import { examinedOn, type Examination, type Examined } from '../../events/examination.js';
import { goalOn, type Goals } from '../../events/goals.js';
import { impressionIdOf, labelOf, outcomeOfRank } from '../../events/index.js';
import type { DeadLetter, Outcome, SamplingRates } from '../../events/words.js';
import type { CleanInteraction } from '../../pipeline/admitted.js';
import { impossibleBy, type Impossible } from '../../pipeline/join/match.js';
import { isOfSession, namesOf } from '../../pipeline/join/names.js';
import type { Match } from '../../pipeline/join/join.js';
import type { Marks } from '../../pipeline/join/lane.js';
import { freshIn } from './fresh-in.js';
import type { Waiting } from '../../pipeline/order/event-heap.js';
import type { Partition } from '../../pipeline/partition.js';
import { ALL_KEPT } from '../../pipeline/select/sampling-rates.js';
import { RULE_BITS } from '../../pipeline/quality/rules.js';
import { chain, type Chain, type Stage } from '../../pipeline/stage.js';
import { clean } from '../../pipeline/stages/clean.js';
import { decode } from '../../pipeline/stages/decode.js';
import { embed, type Embedded } from '../../pipeline/stages/embed.js';
import { join } from '../../pipeline/stages/join.js';
import { order } from '../../pipeline/stages/order.js';
import { pseudonymise } from '../../pipeline/stages/pseudonymise.js';
import { read } from '../../pipeline/stages/read.js';
import type { Followed } from '../../pipeline/follow.js';
import type { ShownList } from '../../pipeline/shown.js';
import { INPUTS, type InputName, type InputOffsets } from '../../ports/transport.js';

/** An impression when its outcome became final, as selection sees it. */
export interface ClosedImpression {
  readonly label: 0 | 1;
  /** How it was told that nobody has seen it; null: it is a sample. */
  readonly unexaminedBy: Examined | null;
  readonly rank: number;
  readonly strongest: Outcome;
  readonly flags: number;
  readonly impressionKey: number;
  /** null: the re-read began when it was open already. */
  readonly row: Float32Array | null;
  readonly surface: ShownList['surface'];
  readonly category: string | null;
  readonly samplingRates: SamplingRates;
  readonly eventTimeMs: number;
  /** End of its attribution window. */
  readonly closeTimeMs: number;
}

/** An impression that the re-read opened. */
export interface TracedImpression {
  readonly sequence: number;
  readonly sampleId: string;
  readonly position: number;
  readonly eventTimeMs: number;
  /** When its attribution window ends. */
  readonly untilMs: number;
  /** Set when its outcome became final. */
  closed?: ClosedImpression;
}

/** What the re-read made of one message at its turn. */
export type Turn =
  | { readonly kind: 'rejected'; readonly letter: DeadLetter | null }
  | {
      readonly kind: 'list';
      /** What became of each item that passed cleaning, in order. */
      readonly items: readonly ('duplicate' | 'refused' | TracedImpression)[];
      /** What was refused of it, at cleaning or at its turn. */
      readonly letter: DeadLetter | null;
    }
  | { readonly kind: 'duplicate' | 'pending' }
  | { readonly kind: 'diverted'; readonly letter: DeadLetter }
  | { readonly kind: 'joined' | 'late'; readonly impression: TracedImpression }
  | { readonly kind: 'unmatched'; readonly because: Impossible | 'none' };

/** Follows some messages of one partition through a re-read of it. */
export class Trace {
  /** By input and offset, for each message whose turn came. */
  readonly turns = new Map<string, Turn>();
  /** Where the input of the re-read began. */
  readonly began: Partial<Record<InputName, number>> = {};
  watermarkMs = -Infinity;
  /** Sequence numbers, by lane, from which on impressions have their feature rows. */
  private firstRows: Marks | undefined;
  /** Impressions that are followed to their close, by sequence number. */
  private readonly open = new Map<number, TracedImpression>();
  private waiting: { readonly key: string; readonly interaction: CleanInteraction; readonly untilMs: number }[] = [];

  constructor(
    private readonly targets: ReadonlySet<string>,
    private readonly label: Goals & Examination,
  ) {}

  /** True once every target has come to its end. */
  readonly isDone = (): boolean =>
    this.turns.size === this.targets.size && this.open.size === 0 && this.waiting.length === 0;

  /** True when no target stands before a point of the log. */
  readonly mayBeginAt = (readTo: InputOffsets): boolean =>
    [...this.targets].every((key) =>
      INPUTS.every((input) => !key.startsWith(`${input} `) || offsetIn(key) >= readTo[input]),
    );

  /** The stages of the re-read: those of the pipeline, and the events that are followed one at a time. */
  get stages(): Chain<void, unknown> {
    return chain(read).to(decode).to(clean).to(pseudonymise).to(this.order).each(chain(embed).to(this.join));
  }

  private get order(): typeof order {
    return {
      ...order,
      run: (partition, messages) => {
        messages.messages.forEach(({ input, offset }) => (this.began[input] ??= offset));
        return order.run(partition, messages);
      },
    };
  }

  private get join(): Stage<Embedded, Followed> {
    return {
      ...join,
      run: (partition, part) => {
        for (const rejected of part.rejected) {
          const key = keyOf(rejected);
          if (this.targets.has(key)) this.turns.set(key, { kind: 'rejected', letter: rejected.deadLetters[0] ?? null });
        }
        this.firstRows ??= partition.state.join.marks('end');
        let plain: Waiting[] = [];
        const follow = (events: readonly Waiting[]): Followed => partition.follower.follow(events, part.vectorOf);
        for (const waiting of part.events) {
          const { event } = waiting;
          const key = keyOf(event);
          const isTarget = this.targets.has(key);
          if (!isTarget && (event.kind !== 'list' || this.waiting.length === 0)) {
            plain.push(waiting);
            continue;
          }
          follow(plain);
          plain = [];
          this.one(partition, waiting, isTarget ? key : undefined, follow);
        }
        follow(plain);
        const followed = join.run(partition, { ...part, events: [], rejected: [] });
        this.watermarkMs = partition.reorder.watermarkMs;
        this.closeThrough(partition);
        this.expire(part.then === 'finish' ? Infinity : this.watermarkMs);
        return followed;
      },
    };
  }

  /** Lives through one event and notes what became of it, and of what waited for it. */
  private one(
    partition: Partition,
    waiting: Waiting,
    key: string | undefined,
    follow: (events: readonly Waiting[]) => Followed,
  ): void {
    const { event, turnMs } = waiting;
    const { join: joined } = partition.state;
    const lane = event.kind === 'list' ? joined.laneFor(event.list.surface) : joined.open;
    const first = lane.end;
    const isFresh = key !== undefined && event.kind === 'list' ? freshIn(partition, event.list) : [];
    this.expire(turnMs);
    const followed = follow([waiting]);
    if (event.kind === 'interaction') {
      if (key !== undefined) this.noteInteraction(partition, event.interaction, turnMs, key, followed);
      return;
    }
    if (key !== undefined) {
      let next = first;
      const isCollision = followed.refusedCount > 0 && followed.counts.impressionsDuplicate === 0;
      const items = isFresh.map((fresh) => {
        if (followed.refusedCount > 0) return fresh || isCollision ? 'refused' : 'duplicate';
        return fresh ? this.watch(partition, next++) : 'duplicate';
      });
      this.turns.set(key, { kind: 'list', items, letter: followed.deadLetters.at(-1) ?? null });
    }
    if (lane.end > first) this.welcome(partition, turnMs, first);
  }

  private noteInteraction(
    partition: Partition,
    interaction: CleanInteraction,
    turnMs: number,
    key: string,
    { counts, deadLetters }: Followed,
  ): void {
    const { join: joined, features } = partition.state;
    const put = (turn: Turn): void => void this.turns.set(key, turn);
    if (counts.interactionsDuplicate > 0) return put({ kind: 'duplicate' });
    const letter = deadLetters[0];
    if (letter) return put({ kind: 'diverted', letter });
    const match = joined.find(interaction, features.sessionKeyOf(interaction.session));
    if (match) return put(this.attached(partition, interaction, match, counts.interactionsLate > 0));
    if (isOfSession(namesOf(interaction, features.keyOf))) return put({ kind: 'unmatched', because: 'none' });
    put({ kind: 'pending' });
    const untilMs = turnMs + joined.settings.allowedLatenessMs;
    this.waiting.push({ key, interaction, untilMs });
  }

  private attached(partition: Partition, interaction: CleanInteraction, match: Match, isLate: boolean): Turn {
    const impossible = impossibleBy(interaction, match);
    if (impossible) return { kind: 'unmatched', because: impossible };
    return { kind: isLate ? 'late' : 'joined', impression: this.watch(partition, match.sequence) };
  }

  /** The impression that a message is, or that it was attached to, once its outcome is final. */
  closedOf(key: string, item: number | null): ClosedImpression | undefined {
    const turn = this.turns.get(key);
    if (turn?.kind === 'joined' || turn?.kind === 'late') return turn.impression.closed;
    const became = turn?.kind === 'list' ? turn.items[item ?? 0] : undefined;
    return typeof became === 'object' ? became.closed : undefined;
  }

  /** Ids of the impressions that interactions were attached to. */
  joinedIds(): readonly string[] {
    return [...this.turns.values()].flatMap((turn) =>
      turn.kind === 'joined' || turn.kind === 'late' ? [turn.impression.sampleId] : [],
    );
  }

  /** How long a pending interaction waits, event time. */
  waitsUntilMs(key: string): number {
    return this.waiting.find((one) => one.key === key)?.untilMs ?? this.watermarkMs;
  }

  /** Those that waited for an impression of the list that was just opened. */
  private welcome(partition: Partition, turnMs: number, first: number): void {
    const { join: joined, features } = partition.state;
    this.waiting = this.waiting.filter(({ key, interaction }) => {
      const match = joined.find(interaction, features.sessionKeyOf(interaction.session));
      if (match?.list.firstImpression !== first) return true;
      this.turns.set(key, this.attached(partition, interaction, match, joined.isClosed(match, turnMs)));
      return false;
    });
  }

  /** Those that have waited too long. */
  private expire(turnMs: number): void {
    this.waiting = this.waiting.filter(({ key, untilMs }) => {
      if (untilMs >= turnMs) return true;
      this.turns.set(key, { kind: 'unmatched', because: 'none' });
      return false;
    });
  }

  /** An impression that is followed to its close. */
  private watch(partition: Partition, sequence: number): TracedImpression {
    const known = this.open.get(sequence);
    if (known) return known;
    const { shown, firstImpression } = partition.state.join.listOf(sequence);
    const item = shown.items[sequence - firstImpression]!;
    const traced: TracedImpression = {
      sequence,
      sampleId: impressionIdOf(shown.requestId, item),
      position: item.position,
      eventTimeMs: shown.eventTimeMs,
      untilMs: shown.eventTimeMs + partition.state.join.windowMs(sequence),
    };
    this.open.set(sequence, traced);
    return traced;
  }

  private closeThrough({ state }: Partition): void {
    for (const traced of this.open.values()) {
      const open = state.join.laneOf(traced.sequence);
      if (traced.sequence >= open.openFrom) continue;
      this.open.delete(traced.sequence);
      const { shown, firstImpression } = state.join.listOf(traced.sequence);
      const firstRow = open.base + (this.firstRows?.[open.index] ?? 0);
      const hasRow = traced.sequence >= Math.max(firstRow, open.emittedBefore);
      const row = hasRow ? new Float32Array(open.columnCount) : null;
      if (row) open.rows.gather(traced.sequence, 1, row);
      const slot = open.slot(traced.sequence);
      const [rank, flags] = [open.columns.ranks[slot]!, open.columns.flags[slot]! & RULE_BITS];
      const item = shown.items[traced.sequence - firstImpression]!;
      traced.closed = {
        label: labelOf(outcomeOfRank(rank), goalOn(this.label, shown.surface)),
        unexaminedBy: open.isUnexamined(traced.sequence) ? examinedOn(this.label, shown.surface) : null,
        rank,
        strongest: outcomeOfRank(rank),
        flags,
        impressionKey: open.columns.sampleKeys[slot]!,
        row,
        surface: shown.surface,
        category: item.category,
        samplingRates: item.samplingRates ?? ALL_KEPT,
        eventTimeMs: shown.eventTimeMs,
        closeTimeMs: traced.untilMs,
      };
    }
  }
}

/** The name of an event among those that are followed. */
export function keyOf({ input, offset, part = 0 }: { input: InputName; offset: number; part?: number }): string {
  return part === 0 ? `${input} ${offset}` : `${input} ${offset}.${part}`;
}

function offsetIn(key: string): number {
  return Number(key.slice(key.indexOf(' ') + 1));
}
