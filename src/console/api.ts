/**
 * What the console's `/api` answers, shared by the server and the page. Times are epoch milliseconds, shares in [0,1], rates a
 * second; null where there is no number yet.
 */
import type { SampleFlag } from '../events/flags.js';
import type { Outcome, Surface } from '../events/words.js';
import type { DatedProof } from '../learn/proof/proof.js';
import type { ChampionChange, Decision, Evaluation, ModelMetrics } from '../snapshot/index.js';

/** `GET /api/frame`, and the `frame` event of `GET /api/live`, once a second. */
export interface Frame {
  readonly atMs: number;
  /** The rates are means over so long. */
  readonly intervalMs: number;
  readonly run: RunView;
  readonly flow: FlowView;
  readonly selection: SelectionView;
  readonly point: HistoryPoint;
  /** Another number when `/api/proof` or `/api/models` would say something new. */
  readonly news: { readonly proof: number; readonly models: string };
}

/** Who answers, how it is, and whether the page may change something with the token. */
export interface RunView {
  readonly application: string;
  /** `host:process`. */
  readonly instance: string;
  readonly transport: string;
  readonly isControlled: boolean;
  readonly startedAtMs: number;
  readonly state: string;
  readonly sinceMs: number;
  readonly isReady: boolean;
  readonly isAlive: boolean;
  /** What is in the way, a sentence each. */
  readonly reasons: readonly string[];
  readonly champion: { readonly version: string; readonly learner: string; readonly createdAtMs: number } | null;
}

/** `GET /api/flow`: is it flowing, and where does it wait? */
export interface FlowView {
  readonly stages: readonly StageView[];
  readonly inputs: readonly TopicRate[];
  readonly outputs: readonly TopicRate[];
  readonly impressionsPerSecond: number;
  readonly interactionsPerSecond: number;
  readonly waiting: { readonly order: Waiting; readonly join: Waiting; readonly close: Waiting };
  /** Partitions of each input topic; those that another instance owns are not in `partitions`. */
  readonly partitionCount: number | null;
  readonly partitions: readonly PartitionView[];
}

export interface StageView {
  readonly name: string;
  readonly does: string;
  /** What it is counted in. */
  readonly takes: string;
  readonly gives: string;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly refusedPerSecond: number;
  /** Since the process began. */
  readonly refused: number;
  readonly errors: number;
  /** Share of the time of a partition that was spent in it; reading includes the wait for input. */
  readonly busyShare: number;
}

export interface TopicRate {
  readonly topic: string;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Since the process began. */
  readonly records: number;
}

/** What waits before a stage may go on with it. */
export interface Waiting {
  readonly count: number;
  readonly unit: string;
  /** Wall clock minus the event time of the oldest; null when nothing waits. */
  readonly oldestSeconds: number | null;
  /** What it waits for. */
  readonly for: string;
}

export interface PartitionView {
  readonly partition: number;
  /** `restoring` until it has read again what it held before. */
  readonly state: 'restoring' | 'working';
  readonly owner: string;
  readonly watermarkMs: number | null;
  /** Wall clock minus watermark. */
  readonly behindSeconds: number | null;
  /** Records between the last commit and the end of the topic. */
  readonly lagRecords: { readonly impressions: number | null; readonly interactions: number | null };
  readonly lastCommitMs: number | null;
  readonly orderWaiting: number;
  readonly openImpressions: number;
  readonly samplesSeen: number;
}

/** `GET /api/selection`: is the budget held, and are the numbers honest? Partitions of this instance. */
export interface SelectionView {
  readonly budget: number;
  /** Over 0: the budget is so many samples a second. */
  readonly perSecond: number;
  readonly scorer: string;
  readonly auditFraction: number;
  /** Since the application began. */
  readonly total: SelectionTotals;
  /** Over the newest stretch. */
  readonly recent: RecentSelection;
  /** μ by partition: the importance from which π is at its highest. */
  readonly thresholds: readonly { readonly partition: number; readonly threshold: number }[];
}

export interface SelectionTotals {
  readonly seen: number;
  readonly kept: number;
  readonly audit: number;
  readonly dropped: number;
  readonly positive: number;
  /** Kept / (seen − audit). */
  readonly keptShare: number | null;
  /** Σ importance weights / (seen − audit): 1 when nothing is lost; and its standard error. */
  readonly weightRatio: number | null;
  readonly weightError: number | null;
  /** Of the champions on every sample, before its outcome was known. */
  readonly normalisedEntropy: number | null;
  readonly calibration: number | null;
}

export interface RecentSelection {
  readonly seconds: number;
  /** Samples by inclusion probability, audit slice left out; bins by `edges`, the last one is π = 1. */
  readonly histogram: {
    readonly edges: readonly number[];
    readonly seen: readonly number[];
    readonly kept: readonly number[];
  };
  readonly surfaces: readonly SurfaceView[];
}

export interface SurfaceView {
  readonly surface: Surface;
  readonly seen: number;
  readonly kept: number;
  readonly audit: number;
  readonly positive: number;
  readonly keptShare: number | null;
  readonly weightRatio: number | null;
  readonly weightError: number | null;
}

/** What is drawn over time; the `history` event of `GET /api/live` has those of the last minutes. */
export interface HistoryPoint {
  readonly atMs: number;
  readonly impressionsPerSecond: number;
  readonly samplesPerSecond: number;
  readonly keptPerSecond: number;
  /** Kept share of what was decided on while the rates were taken. */
  readonly keptShare: number | null;
  readonly weightRatio: number | null;
  readonly weightError: number | null;
  readonly threshold: number | null;
  readonly behindSeconds: number | null;
}

/** `GET /api/proof`: is training on what was kept worth it? */
export interface ProofView {
  readonly isEnabled: boolean;
  /** Proofs are made by the instance that owns partition 0. */
  readonly isHere: boolean;
  /** Of this process, oldest first. */
  readonly proofs: readonly DatedProof[];
  /** What the verdict asks for. */
  readonly advice: string;
}

/** `GET /api/models`: newest first. */
export interface ModelsView {
  readonly champion: string | null;
  readonly isPinned: boolean;
  /** Why the snapshot that should score does not; null when it does. */
  readonly refusal: string | null;
  readonly models: readonly ModelSummary[];
  /** Changes of the champion, newest first. */
  readonly changes: readonly ChampionChange[];
}

export interface ModelSummary {
  readonly version: string;
  readonly createdAtMs: number;
  readonly learner: string;
  readonly rows: number;
  readonly positives: number;
  readonly fitMs: number;
  readonly bytes: number;
  readonly isChampion: boolean;
  readonly outcome: Decision['outcome'];
  readonly reason: string;
  readonly normalisedEntropy: number | null;
  readonly auc: number | null;
  readonly calibration: number | null;
}

/** `GET /api/models/VERSION`. */
export interface ModelView {
  readonly model: ModelSummary;
  readonly decision: Decision;
  /** Model and the champion of its time on the same audit samples; null where there was none. */
  readonly candidate: Evaluation | null;
  readonly champion: Evaluation | null;
  /** Champion of its time. */
  readonly parent: string | null;
  /** What was done to its predictions after the fit, a sentence. */
  readonly calibration: string | null;
  /** Columns by share of the gain, greatest first, beside the champion of now. */
  readonly columns: readonly ColumnGain[];
}

export interface ColumnGain {
  readonly column: string;
  readonly gain: number;
  /** null for the champion itself, or where the champion of now has no such column. */
  readonly championGain: number | null;
}

export type { DatedProof, Evaluation, ModelMetrics };

/** `GET /api/explain?id=`: what the topics tell about a request, a sample or an interaction. */
export interface ExplainView {
  readonly id: string;
  /** Samples that the id names: one, or those of a request. */
  readonly matches: readonly SampleMatch[];
  /** Of the first match. */
  readonly sample: ExplainedSample | null;
}

export interface SampleMatch {
  readonly sampleId: string;
  readonly topic: 'training' | 'audit';
  readonly itemId: string;
  readonly position: number;
  readonly surface: Surface;
  readonly label: number;
  readonly inclusionProbability: number;
}

/** `GET /api/samples`: kept samples that were committed while one waited, at most 3 s. */
export interface SamplesView {
  readonly samples: readonly SampleMatch[];
}

export interface ExplainedSample {
  readonly sampleId: string;
  readonly topic: 'training' | 'audit';
  readonly requestId: string;
  readonly surface: Surface;
  readonly eventTimeMs: number;
  readonly itemId: string;
  readonly position: number;
  readonly category: string | null;
  readonly label: number;
  readonly outcome: Outcome;
  readonly flags: readonly SampleFlag[];
  readonly prediction: number | null;
  readonly snapshotVersion: string;
  readonly importance: number;
  readonly scorer: string;
  readonly inclusionProbability: number;
  readonly importanceWeight: number;
  readonly logOddsOffset: number;
  readonly coin: number;
  readonly threshold: number | null;
  /** `at most`: π was at its top. */
  readonly thresholdIs: 'exactly' | 'at most' | 'unknown';
  /** Why the threshold cannot be told. */
  readonly thresholdWhy: string | null;
  /** base + Σ contributions = total; null where the model is gone or not ours, and why. */
  readonly paths: {
    readonly scale: 'log-odds' | 'probability';
    readonly base: number;
    readonly total: number;
    readonly columns: readonly {
      readonly column: string;
      readonly value: number | null;
      readonly contribution: number;
    }[];
  } | null;
  readonly pathsWhy: string | null;
}

/** What `/api` says instead, with a status of 400 and more. */
export interface Refusal {
  readonly error: string;
  /** What to do about it. */
  readonly remedy: string;
}
