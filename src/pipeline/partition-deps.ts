import type { LiveConfig } from '../config/live.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../ports/clock.js';
import type { Model } from '../ports/model.js';
import type { PartitionLease } from '../ports/transport.js';
import type { Gate } from './admit.js';
import type { UnknownBefore } from './admitted-before.js';
import type { FollowSettings } from './follow.js';
import type { VectorSource } from './embed/vector-source.js';
import type { StageWatch } from './stage-watch.js';
import type { Routes } from './route/route.js';
import type { NamedScorer } from './score/scorers.js';
import type { AdmissionSettings, ClassOf, NamedSettings } from './settings/admission.js';
import type { KeyOf } from './state/keys.js';
import type { Tables } from './tables/tables.js';

/** What a partition needs from outside it. */
export interface PartitionDeps {
  readonly config: Config;
  readonly lease: PartitionLease;
  readonly gate: Gate;
  /** Text vectors of this partition's batches; undefined: nothing is embedded. */
  readonly vectors: VectorSource | undefined;
  /** What a team knows of its items and users; absent: nothing. */
  readonly tables?: Tables | undefined;
  readonly keyOf: KeyOf;
  readonly scorer: NamedScorer;
  readonly champion: Champion;
  readonly routes: Routes;
  readonly followSettings: FollowSettings;
  readonly clock: Clock;
  /** Messages of this partition that were refused because their schema was not known; asked for only when there are some. */
  readonly unknownBefore?: () => Promise<UnknownBefore>;
  /** Input is complete: stop once everything is processed and every window has closed. */
  readonly untilEnd: boolean;
  /** Partitions that share a budget per second; default 1. */
  readonly partitionCount?: number;
  /** Says what a change of an option between two runs means. */
  readonly classOf: ClassOf;
  /** A config as it may be recorded: without what others must not see. */
  readonly shownConfig: (config: Config) => unknown;
  /** What admission, order, join and conduct go by now. */
  readonly settings: NamedSettings;
  /** The same for a part of the input that was read under other settings: messages under the first, the state under the second. */
  readonly under: (admission: AdmissionSettings, state: AdmissionSettings) => PartitionDeps;
  /** What may change while it runs, as it is now: asked between two units of work. Absent: nothing does. */
  readonly now?: () => LiveConfig;
  /** Sees the stages of every unit of work; a re-read is not among them. */
  readonly watch?: StageWatch;
}

/** The model that scores, and when it is time to ask for a new one. */
export interface Champion {
  current(): Model | undefined;
  /**
   * How many samples may be scored before the stream holds for a fit, at least 1; Infinity when it never does, 0 when the
   * partition is to end. Resolves once that many may be: under `retrain.pace: wait` a due fit runs first.
   * @param seen samples that this partition has scored and committed
   */
  allowance(seen: number): Promise<number>;
}
