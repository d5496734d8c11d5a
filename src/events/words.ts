/**
 * The words of the product as types. They mirror `schemas/*.avsc` field by field; a test holds the two together.
 * Every other folder speaks in these words.
 */

import type { SampleFlag } from './flags.js';
import type { Fold } from './fold.js';

export const SURFACES = ['SEARCH', 'AD', 'RECOMMENDATION'] as const;
export type Surface = (typeof SURFACES)[number];

/** Interaction types, weakest first: the outcome of an impression is the strongest one seen in its window. */
export const INTERACTION_TYPES = ['DISMISS', 'VIEW', 'CLICK', 'ADD_TO_CART', 'PURCHASE'] as const;
export type InteractionType = (typeof INTERACTION_TYPES)[number];

/** What became of a value that a declared feature (`features.declared`) looked for in a message. */
export const DECLARED_OUTCOMES = ['read', 'missing', 'wrong-type', 'wrong-size', 'failed'] as const;
export type DeclaredOutcome = (typeof DECLARED_OUTCOMES)[number];

/** What a rule of a plugin (`quality.own`) did that is to be counted. */
export const RULE_OUTCOMES = ['refused', 'failed'] as const;
export type RuleOutcome = (typeof RULE_OUTCOMES)[number];

/** The resolved fate of an impression: the strongest interaction in its attribution window, or none. */
export type Outcome = 'NONE' | InteractionType;

/** A vector that the producer already has (an image, query or user embedding, say). */
export interface NamedVector {
  readonly name: string;
  readonly values: readonly number[];
}

/** One item of a result page. `position` starts at 1. */
export interface Item {
  readonly itemId: string;
  readonly position: number;
  readonly impressionId?: string | null;
  readonly title?: string | null;
  readonly category?: string | null;
  readonly price?: number | null;
  readonly currency?: string | null;
  readonly description?: string | null;
  /** Probability in (0,1] that the serving system chose this item here, when it knows it. */
  readonly propensity?: number | null;
  readonly attributes?: Readonly<Record<string, string>> | null;
  /** Chance in (0,1] with which the log kept impressions like this one before it came here; absent: 1, all of them. */
  readonly samplingRate?: number | null;
  /** The same for those that stayed without a positive label; absent: `samplingRate`. */
  readonly negativeSamplingRate?: number | null;
  readonly vectors?: readonly NamedVector[] | null;
}

/**
 * The chances in (0,1] with which a log that was sampled before it came here kept an impression like this one: had its label
 * been 0, had it been 1.
 */
export type SamplingRates = readonly [ifNegative: number, ifPositive: number];

/** One request's whole result page: the message that serving systems really send. A single ad is a list of one. */
export interface ImpressionList {
  readonly requestId: string;
  readonly eventTimeMs: number;
  readonly surface: Surface;
  readonly sessionId: string;
  readonly userId?: string | null;
  readonly query?: string | null;
  readonly context?: Readonly<Record<string, string>> | null;
  readonly items: readonly Item[];
  /** Vectors of the request itself: of its query, its user. */
  readonly vectors?: readonly NamedVector[] | null;
}

/** Something a person did, with or without an impression it belongs to. */
export interface Interaction {
  readonly interactionId: string;
  readonly eventTimeMs: number;
  readonly type: InteractionType;
  readonly sessionId: string;
  readonly userId?: string | null;
  readonly itemId: string;
  readonly requestId?: string | null;
  readonly impressionId?: string | null;
  readonly value?: number | null;
  readonly dwellMs?: number | null;
  readonly context?: Readonly<Record<string, string>> | null;
}

/** A field that goes from message to sample as it is; null: the message has none. */
export type CarriedValue = null | boolean | number | string | ArrayLike<number>;
/** Carried fields by their paths. */
export type Carried = Readonly<Record<string, CarriedValue>>;

/** Items that somebody acted on, the oldest first; one for each interaction. */
export interface ActedItems {
  readonly itemIds: readonly string[];
  readonly types: readonly InteractionType[];
  /** Time from each interaction to the impression, ms. */
  readonly gapsMs: readonly number[];
}

/** Items that somebody was shown, the oldest first. */
export type ShownItems = Omit<ActedItems, 'types'>;

/** What a session and a user did and saw last before an impression; absent: `features.history` does not ask for it. */
export interface History {
  readonly sessionActed?: ActedItems | null;
  readonly sessionShown?: ShownItems | null;
  /** null: the user is unknown. */
  readonly userActed?: ActedItems | null;
  readonly userShown?: ShownItems | null;
}

/**
 * Impression + outcome + features + selection facts: one row on the training topic, and everything a consumer needs to
 * train without bias in any language.
 */
export interface TrainingSample {
  readonly sampleId: string;
  readonly requestId: string;
  readonly surface: Surface;
  /** Event time of the impression, epoch milliseconds. */
  readonly eventTimeMs: number;
  /** When the attribution window closed, epoch milliseconds of event time. */
  readonly closeTimeMs: number;
  /** HMAC-SHA256 of the raw session id, hex, truncated to 128 bits. */
  readonly sessionPseudonym: string;
  readonly userPseudonym: string | null;
  /** Names the HMAC key, so that pseudonyms of two keys are never compared. */
  readonly pseudonymKeyId: string;
  readonly itemId: string;
  readonly position: number;
  readonly category: string | null;
  /** The outcome as training target for the configured goal: 0 or 1. */
  readonly label: 0 | 1;
  readonly outcome: Outcome;
  /** Sum of the values of the interactions joined in the window (purchase value, say); 0 when none had one. */
  readonly value: number;
  readonly propensity: number | null;
  /** One number a column of the feature set, in its order; NaN = missing (null in JSON). */
  readonly features: ArrayLike<number>;
  readonly featureSetId: string;
  /** Text embeddings, when `output.embeddings` is on. */
  readonly embeddings: readonly NamedVector[] | null;
  /** Champion's probability that the label is 1, before the outcome was known; null before the first snapshot. */
  readonly prediction: number | null;
  /** How much the sample would teach the model: non-negative, unitless. */
  readonly importance: number;
  /** What computed the importance; `prior` before the first snapshot, `uniform` where the coin alone decided. */
  readonly scorer: string;
  /** Chance that this sample was kept, in (0,1]: that of its coin times {@link samplingRate}. */
  readonly inclusionProbability: number;
  /** 1 / inclusionProbability. */
  readonly importanceWeight: number;
  /** ln( inclusion probability had the label been 1 / had it been 0 ): same features, same threshold. */
  readonly logOddsOffset: number;
  /** The snapshot that scored this sample; `none` before the first. */
  readonly snapshotVersion: string;
  /** What may be wrong with it (docs/how/label-quality.md); empty for almost every sample. */
  readonly flags: readonly SampleFlag[];
  /** Half of the sessions that its session belongs to; absent or null in rows of before there were halves. */
  readonly fold?: Fold | null;
  /** Names the selection settings that it was kept under (`sluice describe selection`); null in older rows. */
  readonly selectionId: string | null;
  /** Fields of the message that `output.carry` names, by path; absent: none is named. */
  readonly carried?: Carried | null;
  /** Chance in (0,1] with which the log kept an impression like this one, of its label, before it came here; absent: 1. */
  readonly samplingRate?: number | null;
  /** The last items of its session and user as of the impression; absent: `features.history` asks for none. */
  readonly history?: History | null;
}

/** An interaction that came after the label of its impression was final, and what it would have changed. */
export interface LateInteraction {
  readonly interactionId: string;
  readonly eventTimeMs: number;
  readonly type: InteractionType;
  readonly sessionPseudonym: string;
  readonly pseudonymKeyId: string;
  readonly itemId: string;
  readonly requestId: string | null;
  /** The sample whose label it would have changed. */
  readonly sampleId: string;
  readonly impressionTimeMs: number;
  /** Event time past the end of the attribution window; 0 when the interaction was in time but arrived after the close. */
  readonly pastWindowMs: number;
  /** How far behind the watermark the interaction arrived: beyond the allowed lateness, ms of event time. */
  readonly behindWatermarkMs: number;
  readonly labelWas: 0 | 1;
  readonly labelWouldBe: 0 | 1;
  readonly outcomeWas: Outcome;
  readonly outcomeWouldBe: Outcome;
}

/** One thing that was refused of a message. */
export interface RefusedPart {
  /** A code of the error table (`src/errors.ts`). */
  readonly code: string;
  readonly reason: string;
  /** Index within the list of the item at fault; null when the whole message is. */
  readonly itemIndex: number | null;
}

/** A message that can never succeed, as a whole or in part: its raw bytes, so that it can be fixed and sent again, and why. */
export interface DeadLetter extends RefusedPart {
  /** Where it failed: `decode`, `clean`, … */
  readonly stage: string;
  readonly sourceTopic: string;
  readonly sourcePartition: number;
  readonly sourceOffset: number;
  /** Everything that was refused of the message, the letter's own code, reason and item first; a record lists a bounded part. */
  readonly refused: readonly RefusedPart[];
  /** How many refusals there were, listed or not. */
  readonly refusedCount: number;
  readonly payload: Uint8Array;
  /** Bytes of the whole payload. */
  readonly payloadBytes: number;
  /** SHA-256 (hex) of the whole payload when something of key or payload was left out; null: both are untouched. */
  readonly payloadSha256: string | null;
  readonly key: Uint8Array | null;
  /** Record timestamp of the source message, epoch milliseconds. */
  readonly sourceTimeMs: number;
}
