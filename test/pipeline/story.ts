import type { ConfigInput } from '../../src/config/schema.js';
import type { DeadLetter, LateInteraction } from '../../src/events/words.js';
import type { CleanInteraction, CleanList } from '../../src/pipeline/admitted.js';
import { AT, COLUMNS, type ColumnName } from '../../src/pipeline/features/columns.js';
import type { VectorOf } from '../../src/pipeline/features/features.js';
import { Follower, type Followed } from '../../src/pipeline/follow.js';
import type { Waiting } from '../../src/pipeline/order/event-heap.js';
import { NO_STANDING } from '../../src/pipeline/order/held-ahead.js';
import { addCounts, noCounts } from '../../src/pipeline/progress/counts.js';
import { turnstileOf } from '../../src/pipeline/quality/turnstile.js';
import { emptyStreamState, type StreamState } from '../../src/pipeline/stream-state.js';
import type { LogRecord } from '../../src/ports/transport.js';
import { configOf, keyOf } from './kit.js';

const READ_POINT = { newestBeforeMs: 0, floorMs: 0, standing: NO_STANDING };

/** An impression as the story left it. */
export interface Told {
  readonly rank: number;
  readonly value: number;
  readonly isOpen: boolean;
}

const listLetter =
  (code: string) =>
  (record: LogRecord, reason: string): DeadLetter => ({
    code,
    stage: 'order',
    reason,
    sourceTopic: 'in',
    sourcePartition: 0,
    sourceOffset: record.offset,
    itemIndex: null,
    refused: [{ code, reason, itemIndex: null }],
    refusedCount: 1,
    payload: new Uint8Array(0),
    payloadBytes: 0,
    payloadSha256: null,
    key: null,
    sourceTimeMs: 0,
  });

/** Events in the order of their turns, told one by one to a follower of an empty state. */
export class Story {
  readonly config;
  readonly state: StreamState;
  readonly counts = noCounts();
  readonly followed: { readonly deadLetters: DeadLetter[]; readonly late: LateInteraction[] } = {
    deadLetters: [],
    late: [],
  };
  private readonly follower: Follower;
  private offset = 0;

  constructor(
    input: ConfigInput = {},
    private readonly vectorOf: VectorOf = () => undefined,
  ) {
    this.config = configOf({ ...input, features: { omit: [], ...input.features } });
    const { allowedLatenessMs } = this.config.join;
    this.state = emptyStreamState(this.config, keyOf);
    this.follower = new Follower(this.state, {
      goals: this.config.label,
      allowedLatenessMs,
      keyed: { keyId: 'key', pseudonym: (kind, identifier) => `${kind}(${identifier.length})` },
      keepVectors: false,
      tooLate: listLetter('late-impression'),
      collided: listLetter('impressions-collide'),
      turnstile: turnstileOf(this.config.quality.rules, (record, { code, reason }) => ({
        code,
        stage: 'quality',
        reason,
        sourceTopic: 'in',
        sourcePartition: 0,
        sourceOffset: record.offset,
        itemIndex: null,
        refused: [{ code, reason, itemIndex: null }],
        refusedCount: 1,
        payload: new Uint8Array(0),
        payloadBytes: 0,
        payloadSha256: null,
        key: null,
        sourceTimeMs: 0,
      })),
    });
  }

  get late(): readonly LateInteraction[] {
    return this.followed.late;
  }

  /** Shows lists at their own times; returns the sequence number of the first impression of the last one. */
  show(...lists: readonly CleanList[]): number {
    for (const list of lists) this.showAt(list.eventTimeMs, list);
    return this.state.join.open.end - (lists.at(-1)?.items.length ?? 0);
  }

  /** Shows a list at a turn; one after its time is late. */
  showAt(turnMs: number, list: CleanList): void {
    const record: LogRecord = { offset: this.offset, key: null, value: null, timestampMs: 0, headers: {} };
    const event = {
      kind: 'list',
      list,
      record,
      readCount: list.items.length,
      refusedCount: 0,
      deadLetters: [],
    } as const;
    this.tell(
      turnMs,
      { ...event, input: 'impressions', offset: this.offset, timeMs: list.eventTimeMs, bytes: 0 },
      turnMs > list.eventTimeMs ? record : undefined,
    );
  }

  act(...interactions: readonly CleanInteraction[]): void {
    for (const interaction of interactions) this.actAt(interaction.eventTimeMs, interaction);
  }

  actAt(turnMs: number, interaction: CleanInteraction): void {
    const record: LogRecord = { offset: this.offset, key: null, value: null, timestampMs: 0, headers: {} };
    this.tell(turnMs, {
      kind: 'interaction',
      input: 'interactions',
      offset: this.offset,
      timeMs: interaction.eventTimeMs,
      bytes: 0,
      interaction,
      record,
    });
  }

  /** Lets the stream move on to a time without any event. */
  advance(turnMs: number): void {
    this.state.join.advance(turnMs);
  }

  /** Takes out what is closed, as if it were emitted. */
  emitAll(): void {
    this.state.join.takeClosed(Infinity, () => undefined);
  }

  finish(): void {
    this.take(this.follower.follow([], this.vectorOf, 'finish'));
  }

  impression(sequence: number): Told {
    const { open } = this.state.join;
    const slot = open.slot(sequence);
    return { rank: open.columns.ranks[slot]!, value: open.columns.values[slot]!, isOpen: sequence >= open.openFrom };
  }

  /** The feature row of an impression. */
  row(sequence: number): Float32Array {
    const row = new Float32Array(COLUMNS.length);
    this.state.join.open.rows.gather(sequence, 1, row);
    return row;
  }

  feature(sequence: number, name: ColumnName): number {
    return this.row(sequence)[AT[name]]!;
  }

  private tell(turnMs: number, event: Waiting['event'], lateRecord?: LogRecord): void {
    this.offset++;
    this.take(this.follower.follow([{ event, turnMs, readPoint: READ_POINT, lateRecord }], this.vectorOf));
  }

  private take({ deadLetters, late, counts }: Followed): void {
    this.followed.deadLetters.push(...deadLetters);
    this.followed.late.push(...late);
    addCounts(this.counts, counts);
  }
}
