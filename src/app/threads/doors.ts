/** What the two ends of the line between a run and one of its partition threads ask and tell each other. */
import type { Transferred } from '../../adapters/threads/index.js';
import type { LiveConfig } from '../../config/live.js';
import type { Config } from '../../config/schema.js';
import type { LogFields, Logger } from '../../ports/logger.js';
import type { UnitTrace } from '../../ports/traces.js';
import type {
  Committed,
  Fetched,
  InputName,
  InputOffsets,
  ReadFrom,
  TopicRole,
  UnitOfWork,
} from '../../ports/transport.js';
import type { ImpressionList } from '../../events/words.js';
import type { Described } from '../../pipeline/serve/describe-list.js';
import type { PartitionLook } from '../partition-look.js';
import type { Tapped } from '../tap/where.js';
import type { PackedNew, PackedRead, PackedTopics } from './packed.js';
import type { Recording } from './forwarded.js';

/** What a thread is opened with. */
export interface Opening {
  readonly config: Config;
  readonly untilEnd: boolean;
  /** Somebody may look at what is decided. */
  readonly isWatched: boolean;
  /** Somebody takes traces. */
  readonly isTraced: boolean;
  /** Text vectors that the thread may keep. */
  readonly cacheEntries: number;
  /** What may change while it runs; undefined: nothing does. */
  readonly live: LiveConfig | undefined;
}

/** One life of a partition; every question on a lease names it. */
export interface OfLife {
  readonly life: number;
}

/** A model as it travels: its bytes are shared by all threads. */
export interface SentChampion {
  readonly version: string;
  readonly featureSetId: string;
  readonly onnx: Uint8Array;
}

/** Samples of a unit of work as the console counts them. */
export interface SentDecisions extends OfLife {
  readonly labels: Uint8Array;
  readonly surfaces: Uint8Array;
  readonly fates: Uint8Array;
  readonly inclusionProbabilities: Float64Array;
}

/** A sign of life, and what was recorded since the last one. */
export interface SentSign extends OfLife {
  readonly kind: 'step' | 'restored' | 'unit';
  /** undefined with a step. */
  readonly look: PartitionLook | undefined;
  readonly recordings: readonly Recording[];
}

export interface SentVectors {
  /** 1 where the text has a vector. */
  readonly has: Uint8Array<ArrayBuffer>;
  /** The vectors of those that have one, one after the other. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** What a partition thread answers and hears. */
export type ThreadDoors = {
  /** Rejects with what a start of the process would fail with. */
  readonly open: (opening: Opening) => Promise<void>;
  /** Resolves when the life has ended by itself; rejects with what it failed with. */
  readonly live: (life: OfLife & { readonly partition: number }) => Promise<void>;
  /** The unit under way is the last one. */
  readonly stop: (life: OfLife) => void;
  /** The partition belongs to somebody else. */
  readonly lose: (life: OfLife) => void;
  /** Nobody waits for this life any more. */
  readonly drop: (life: OfLife) => void;
  /** What a list would be described as now by the partition of a life. */
  readonly describe: (of: OfLife & { readonly list: Partial<ImpressionList> }) => Promise<Described>;
  /** The model that scores from now on; null: none does. */
  readonly champion: (champion: SentChampion | null) => void;
  /** What may change has changed: it acts from the next unit of work on. */
  readonly settings: (live: LiveConfig) => void;
  /** What these stages give is to be shown from now on, and of no others. */
  readonly tap: (stages: readonly string[]) => void;
};

/** What a run answers and hears of its partition threads. */
export type RunDoors = {
  readonly committed: (life: OfLife) => Promise<Committed>;
  readonly seek: (to: OfLife & { readonly offsets: InputOffsets }) => Promise<void>;
  readonly poll: (
    of: OfLife & {
      readonly input: InputName;
      readonly maxBytes: number;
      readonly waitMs: number;
      readonly mayBeOldMs: number;
    },
  ) => Promise<Transferred<Omit<Fetched, 'records'> & { readonly records: PackedRead }>>;
  readonly commit: (unit: OfLife & Omit<UnitOfWork, 'records'> & { readonly records: PackedNew }) => Promise<void>;
  readonly allowance: (of: OfLife & { readonly seen: number }) => Promise<number>;
  readonly partitionCount: (topic: TopicRole) => Promise<number>;
  readonly recordLimit: (topic: TopicRole) => Promise<number>;
  readonly endOffsets: (topic: TopicRole) => Promise<readonly number[]>;
  /** Opens a reader and gives its number. */
  readonly reader: (of: {
    readonly topics: readonly TopicRole[];
    readonly from: ReadFrom;
    readonly partition: number | undefined;
  }) => Promise<number>;
  readonly pollReader: (of: { readonly reader: number; readonly waitMs: number }) => Promise<Transferred<PackedTopics>>;
  readonly caughtUpReader: (reader: number) => Promise<boolean>;
  readonly closeReader: (reader: number) => Promise<void>;
  readonly vectors: (texts: readonly string[]) => Promise<Transferred<SentVectors>>;
  readonly sign: (sign: SentSign) => void;
  readonly decided: (decisions: SentDecisions) => void;
  readonly traced: (unit: UnitTrace) => void;
  readonly tapped: (of: OfLife & { readonly stage: string; readonly records: readonly Tapped[] }) => void;
  readonly recorded: (recordings: readonly Recording[]) => void;
  readonly said: (line: {
    readonly level: keyof Logger;
    readonly message: string;
    readonly fields: LogFields | undefined;
  }) => void;
  /** An answer of the champion was of no use. */
  readonly championFailed: (of: { readonly version: string; readonly why: string }) => void;
};
