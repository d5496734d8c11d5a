import type { LateInteraction, TrainingSample } from '../events/words.js';
import type { Clock } from '../ports/clock.js';
import type { Codec } from '../ports/codec.js';
import type { Hash32 } from '../ports/hash.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { ModelLoader } from '../ports/model.js';
import type { Trainer } from '../ports/trainer.js';
import type { Transport } from '../ports/transport.js';
import type { FitSettings } from './fit/request.js';
import type { SnapshotFollower } from '../snapshot/follow.js';
import type { Provenance, SnapshotManifest } from '../snapshot/manifest.js';
import type { Reasons } from '../snapshot/publish.js';
import type { Keyring } from '../snapshot/signature.js';
import type { PoolDeps } from './pool-intake.js';
import type { CurationProof, DatedProof } from './proof/proof.js';
import type { TriggerReason } from './trigger.js';

/** What the learner needs. */
export interface RetrainerDeps {
  readonly transport: Pick<Transport, 'reader' | 'append' | 'publish' | 'endOffsets' | 'partitionCount' | 'discard'>;
  readonly trainingCodec: Codec<TrainingSample>;
  /** Default: the training codec, since both topics carry one record. */
  readonly auditCodec?: Codec<TrainingSample>;
  readonly trainer: Trainer;
  readonly loader: ModelLoader;
  readonly follower: Pick<SnapshotFollower, 'champion' | 'manifest' | 'manifests' | 'state' | 'catchUp'>;
  readonly clock: Clock;
  readonly hash: Hash32;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly retrain: FitSettings;
  readonly featureSetId: string;
  /** The application whose pool it learns from; absent: it learns from the kept samples alone. */
  readonly pool?: Pick<PoolDeps, 'application' | 'mostBytes'> | undefined;
  /** Reads the late topic, whose interactions then correct labels; absent: labels stay as they were published. */
  readonly lateCodec?: Codec<LateInteraction> | undefined;
  /** Names of the columns of the feature set, in order. */
  readonly columnNames: readonly string[];
  /** Signs what is published. */
  readonly keyring?: Keyring | undefined;
  /** What the manifest says of the build and the configuration; absent: nothing. */
  readonly madeBy?: Omit<Provenance, 'seed'> | undefined;
  /** How often live mode reads and looks for a trigger; default 1,000. */
  readonly pollEveryMs?: number;
  /** Told why a fit left no candidate, besides the log. */
  readonly onNoCandidate?: (why: string) => void;
  /** Makes proofs in the background after fits; default true. Off where one at the end is enough, as in a replay. */
  readonly provesBetweenFits?: boolean;
}

/** What one fit came to. */
export interface FitReport {
  /** Why it began; `asked` when no trigger was due. */
  readonly trigger: TriggerReason | 'asked';
  readonly manifest: SnapshotManifest;
  readonly promoted: boolean;
  /** From trigger to published, milliseconds. */
  readonly durationMs: number;
}

/**
 * The slow loop. Its state is a function of the training, audit and pool topics: a restart reads them again and holds the
 * same rows. One instance of an application should run it at a time; two waste work but harm nothing.
 */
export interface Retrainer {
  /** Reads both topics, and the snapshots, to their present end. */
  catchUp(): Promise<void>;
  /**
   * True when a fit is due.
   * @param seen samples the application has seen so far, the same count that {@link run} takes
   */
  due(seen: number, nowMs: number): boolean;
  /**
   * Reads to the present end, fits, judges, decides and publishes; a promoted candidate is the follower's champion when it
   * resolves. Resolves with undefined, and the champion stays, when there are too few positives, when the fit fails
   * (logged and counted; the next trigger tries again), or when aborted. Throws what the transport throws.
   * @param seenBy the same count by partition, for a stream that holds for the fit; it is kept in the manifest
   * @param asked who asked for it and why: said in the decision, and in the history where it is promoted
   */
  run(seen: number, signal?: AbortSignal, seenBy?: readonly number[], asked?: Reasons): Promise<FitReport | undefined>;
  /** Live mode: reads and fits in the background, never in the stream's way. Failures are logged and tried again. */
  start(seenCount: () => number): void;
  /**
   * Reads to the present end and compares curated with uniform rows (docs/why/proof.md). Resolves with undefined when proofs
   * are off, on failure (logged and counted), or when aborted. Throws what the transport throws.
   */
  prove(signal?: AbortSignal): Promise<CurationProof | undefined>;
  /** The last proof of this process. */
  proof(): CurationProof | undefined;
  /** The proofs of this process, oldest first; the newest 200. */
  proofs(): readonly DatedProof[];
  /** Ends live mode, giving up a fit or proof under way. {@link start} may follow. */
  stop(): Promise<void>;
  /** Stops and lets go of the topics; neither trainer nor follower, which are not its own. */
  close(): Promise<void>;
}
