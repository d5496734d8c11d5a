import { SluiceError } from '../errors.js';
import type { Surface } from '../events/words.js';
import type { Calibration, ReliabilityBin } from './calibration.js';

/** Metrics of one model on one set of labelled samples. null where undefined (one class only, no samples). */
export interface ModelMetrics {
  readonly sampleCount: number;
  readonly positiveCount: number;
  /** Mean log loss, nats. */
  readonly logLoss: number | null;
  /** Log loss / entropy of the base rate; below 1 is better than knowing the rate alone. */
  readonly normalisedEntropy: number | null;
  readonly auc: number | null;
  /** Σp̂ / Σy. */
  readonly calibration: number | null;
  /** Over bins of equal mass, in [0,1]. */
  readonly expectedCalibrationError: number | null;
  /** Decision threshold of the four below: it maximises F1 on the earlier half of the samples; they use the later half. */
  readonly threshold: number | null;
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** Two-sided 95 % interval of a metric over the draw of the samples. */
export interface MetricInterval {
  readonly lower: number;
  readonly upper: number;
}

/** Intervals of the metrics over all samples; null where undefined. */
export interface MetricIntervals {
  readonly auc: MetricInterval | null;
  readonly normalisedEntropy: MetricInterval | null;
  readonly calibration: MetricInterval | null;
}

/** Metrics over all samples and per surface. */
export interface Evaluation {
  readonly overall: ModelMetrics;
  readonly surfaces: Readonly<Partial<Record<Surface, ModelMetrics>>>;
  /** Reliability diagram over all samples, lowest predictions first; null (or absent) in snapshots of before it was recorded. */
  readonly reliability: readonly ReliabilityBin[] | null;
  /** Absent in snapshots of before they were recorded. */
  readonly intervals?: MetricIntervals | null;
}

/** Next offset to read of each partition (index = partition number) when the model's rows were taken. */
export interface UntilOffsets {
  readonly training: readonly number[];
  readonly audit: readonly number[];
}

/** What a model was fitted on. */
export interface TrainedOn {
  readonly rows: number;
  readonly positives: number;
  /** Σ 1/π of the rows: an estimate of the samples they stand for. */
  readonly sumOfWeights: number;
  /** Samples the application had seen when the fit began; null for a model that was brought. Survives restarts here. */
  readonly seen: number | null;
  /** The same by partition (index = partition number); null or absent where the stream did not hold for the fit. */
  readonly seenBy?: readonly number[] | null;
  readonly untilOffsets: UntilOffsets;
}

/** Why a candidate became champion or did not, with the numbers. */
export interface Decision {
  /** `promoted` became champion; `kept` the old champion stays; `manual` an operator decides (or brought the model). */
  readonly outcome: 'promoted' | 'kept' | 'manual';
  readonly reason: string;
  /** Audit samples compared. */
  readonly sampleCount: number;
  /** Mean of (baseline log loss − candidate log loss), nats a sample; positive means the candidate is better. */
  readonly meanGain: number | null;
  /** One-sided 95 % bounds of that mean. */
  readonly lowerBound: number | null;
  readonly upperBound: number | null;
}

/** What made a snapshot: enough to make it again, or to see why another build makes another. */
export interface Provenance {
  /** Seed of the fit; null for a model that was brought. */
  readonly seed: number | null;
  /** SHA-256 of label, join, features, selection and retrain of the configuration, hex. */
  readonly configSha256: string;
  /** Versions by name: sluice, node, onnxruntime. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Rows, and what the model answered for them when it was published: whoever loads the file can see that it still does. */
export interface SelfTest {
  /** One number a column; null = missing. */
  readonly rows: readonly (readonly (number | null)[])[];
  /** Probability of each row. */
  readonly predictions: readonly number[];
}

/** In place of a learner's name: the model was trained elsewhere. */
export const EXTERNAL = 'external';

/** Everything known about a published model besides its bytes. */
export interface SnapshotManifest {
  /** Sortable and readable: six digits of sequence, six of the checksum, `000012-3fa9c1`. */
  readonly version: string;
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  readonly featureSetId: string;
  readonly columns: readonly string[];
  /** Name of the learner that fitted it; {@link EXTERNAL} for a model that was brought. */
  readonly learner: string;
  readonly memberCount: number;
  readonly trainedOn: TrainedOn;
  /** Share of the total gain a column, in column order; empty when unknown. */
  readonly gain: readonly number[];
  readonly fitMs: number;
  /** null in snapshots of before it was recorded: they are as they were fitted. */
  readonly calibration: Calibration | null;
  /** Of candidate and champion on the same audit samples; null where there was none. */
  readonly metrics: { readonly candidate: Evaluation | null; readonly champion: Evaluation | null };
  /** Champion at the time of the fit. */
  readonly parent: string | null;
  readonly decision: Decision;
  /** Absent in snapshots of before it was recorded, as is {@link selfTest}. */
  readonly provenance?: Provenance | null;
  readonly selfTest?: SelfTest | null;
  /** Length of the ONNX file. */
  readonly bytes: number;
  /** SHA-256 of the ONNX file, hex. */
  readonly sha256: string;
  readonly chunkCount: number;
  /** Length of every chunk but the last. */
  readonly chunkBytes: number;
}

const VERSION = /^(\d{6,})-[0-9a-f]{6}$/;

/** Names a snapshot by its sequence number (from 1) and the checksum of its bytes. */
export function snapshotVersion(sequence: number, sha256: string): string {
  return `${String(sequence).padStart(6, '0')}-${sha256.slice(0, 6)}`;
}

/** Sequence number of a version; 0 when it is not one of ours. */
export function sequenceOf(version: string): number {
  return Number(VERSION.exec(version)?.[1] ?? 0);
}

/** Orders versions by sequence, then by text. */
export function compareVersions(a: string, b: string): number {
  return sequenceOf(a) - sequenceOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Reads a manifest from its JSON bytes. Throws `snapshot-refused` when it is not JSON, is not about `version`, or a field
 * that loading depends on is missing.
 */
export function parseManifest(version: string, value: Uint8Array): SnapshotManifest {
  const refuse = (why: string): never => {
    throw new SluiceError('snapshot-refused', { version, why });
  };
  let parsed: Partial<SnapshotManifest> | null = null;
  try {
    parsed = JSON.parse(new TextDecoder().decode(value)) as Partial<SnapshotManifest> | null;
  } catch {
    refuse('its manifest is not JSON');
  }
  if (parsed === null || typeof parsed !== 'object') return refuse('its manifest is not an object');
  if (parsed.version !== version) refuse(`its manifest is about ${String(parsed.version)}`);
  for (const field of ['bytes', 'chunkCount', 'chunkBytes', 'memberCount', 'createdAtMs'] as const)
    if (!Number.isSafeInteger(parsed[field]) || (parsed[field] ?? -1) < 0) refuse(`its manifest has no valid ${field}`);
  for (const field of ['featureSetId', 'sha256', 'learner'] as const)
    if (typeof parsed[field] !== 'string') refuse(`its manifest has no valid ${field}`);
  for (const field of ['trainedOn', 'metrics', 'decision'] as const)
    if (typeof parsed[field] !== 'object' || parsed[field] === null) refuse(`its manifest has no valid ${field}`);
  if (!Array.isArray(parsed.columns)) refuse('its manifest has no valid columns');
  return { ...(parsed as SnapshotManifest), calibration: parsed.calibration ?? null };
}
