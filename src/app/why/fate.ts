import type { Examined } from '../../events/examination.js';
import type { InteractionType, Outcome, Surface } from '../../events/words.js';
import type { InputName } from '../../ports/transport.js';

/** Every fate of an impression or interaction, and what it means: the words of the JSON. */
export const FATES = {
  kept: 'it is a sample on the training topic',
  audit: 'it is a sample on the audit topic, set aside for judging',
  dropped: 'its outcome is final and the coin said no',
  unexamined: 'its window ended and nobody is held to have seen it: no sample, and no negative',
  closing: 'its outcome is final and it waits to be scored',
  open: 'it waits for its outcome until the attribution window ends',
  waiting: 'it was read and waits for its turn: the watermark has not passed it',
  unread: 'it stands in the topic behind what the application has read',
  duplicate: 'it was read before, from another place',
  'dead-letter': 'it was refused',
  joined: 'it was attached to an impression',
  late: 'it came after the label of its impression was final',
  unmatched: 'it belongs to no impression that was remembered at its turn',
  pending: 'the impression that it names has not come yet, and it still waits',
  'left-out': 'the mapping says that it is no event of this topic',
  untold: 'it cannot be told from what the topics still hold',
} as const;

export type FateCode = keyof typeof FATES;

/** Where a message stands on its input topic. */
export interface InputPlace {
  readonly input: InputName;
  readonly partition: number;
  readonly offset: number;
  /** Place among the events of its message; absent: 0. */
  readonly part?: number;
  /** Timestamp of the message, epoch ms. */
  readonly writtenMs: number;
}

/** Where a record stands on an output topic. */
export interface OutputPlace {
  readonly topic: 'training' | 'audit' | 'late' | 'dead-letters';
  readonly partition: number;
  readonly offset: number;
}

/** A number known to lie between two. */
export interface Between {
  readonly least: number;
  readonly most: number;
}

/** The selection of a dropped sample, worked out again. */
export interface DroppedFacts {
  readonly label: 0 | 1;
  readonly strongest: Outcome;
  /** The number in [0,1) that it drew under the salt of the config: exact. */
  readonly coin: number;
  /** Selection settings of the sample next to it; null: there is none, or it names none. */
  readonly selectionId: string | null;
  readonly importance: number | null;
  /** By the snapshot that scored its neighbours; null before the first. */
  readonly prediction: number | null;
  readonly snapshotVersion: string | null;
  /** π, between what it is under the thresholds of the kept samples next to it; null where it cannot be told. */
  readonly inclusionProbability: Between | null;
  /** μ of those neighbours. */
  readonly threshold: Between | null;
  /** Why something is null, or what the numbers do not know of; null: nothing. */
  readonly why: string | null;
}

/** What goes with each fate. */
export type Details =
  | { readonly fate: 'kept' | 'audit'; readonly at: OutputPlace; readonly inclusionProbability: number }
  | { readonly fate: 'dropped'; readonly selection: DroppedFacts | null; readonly why: string | null }
  | { readonly fate: 'unexamined'; readonly examined: Examined }
  | { readonly fate: 'open'; readonly untilMs: number; readonly watermarkMs: number }
  | { readonly fate: 'waiting'; readonly turnMs: number; readonly watermarkMs: number | null }
  | { readonly fate: 'unread'; readonly committedOffset: number; readonly behindCount: number }
  | { readonly fate: 'duplicate'; readonly of: InputPlace | null }
  | {
      readonly fate: 'dead-letter';
      /** null: its record is gone or not there yet. */
      readonly at: OutputPlace | null;
      readonly code: string;
      readonly stage: string;
      readonly reason: string;
    }
  | { readonly fate: 'joined'; readonly impression: ImpressionFate }
  | {
      readonly fate: 'late';
      readonly at: OutputPlace | null;
      readonly impression: ImpressionFate;
      /** How far its own time lies past the end of the window; 0: within it. */
      readonly pastWindowMs: number | null;
      /** How far its own time lay behind the watermark when its turn came; 0: it was not. */
      readonly behindWatermarkMs: number | null;
    }
  | {
      readonly fate: 'unmatched';
      readonly because: UnmatchedBecause;
      /** Where the impression stands that it names; null: nowhere that was looked at, or it names none. */
      readonly impressionAt: InputPlace | null;
    }
  | { readonly fate: 'pending'; readonly untilMs: number }
  | { readonly fate: 'closing' | 'left-out' }
  | { readonly fate: 'untold'; readonly why: string };

/** Why an interaction belongs to nothing; the last two say where the impression stands that it names. */
export type UnmatchedBecause =
  'no-impression' | 'other-session' | 'other-item' | 'before-shown' | 'other-partition' | 'not-remembered';

/** The impression that an interaction belongs to, and what became of it. */
export interface ImpressionFate {
  readonly sampleId: string;
  readonly fate: Details | null;
}

/** What became of one impression, interaction or message. Ids as they go out; people as pseudonyms. */
export interface WhyFate {
  readonly subject: 'impression' | 'interaction' | 'message';
  /** True for what was asked for; false for the interactions that name it. */
  readonly isAsked: boolean;
  readonly id: string;
  /** null: the input is gone, an output tells. */
  readonly place: InputPlace | null;
  readonly eventTimeMs: number | null;
  readonly type: InteractionType | null;
  readonly surface: Surface | null;
  readonly sessionPseudonym: string | null;
  /** The partition that the default partitioner gives its session; null: it lies there, or that cannot be told. */
  readonly sessionPartition: number | null;
  readonly details: Details;
}

/** Everything that the topics tell about an id. */
export interface WhyAnswer {
  /** As it was asked. */
  readonly id: string;
  /** Empty: it never arrived in what was looked at. */
  readonly fates: readonly WhyFate[];
  readonly lookedAt: LookedAt;
}

/** What the search went through. */
export interface LookedAt {
  /** Time of the oldest and newest message looked at, epoch ms; null: there was none. */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  readonly messages: number;
  /** Input partitions, all or the one of the session. */
  readonly partitions: readonly number[];
  /**
   * Where re-reads of the input began, the least certain one: at a checkpoint, at the beginning of the application's input,
   * at what retention has left of it (state before that is not known); null: none was needed.
   */
  readonly rereadFrom: 'checkpoint' | 'beginning' | 'what is left' | null;
}
