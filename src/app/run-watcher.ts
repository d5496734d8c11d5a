import type { Config } from '../config/schema.js';
import type { Retrainer } from '../learn/index.js';
import type { Transport } from '../ports/transport.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import type { Decided } from './console/selection-tally.js';
import type { PartitionLook } from './partition-look.js';
import type { Tapped } from './tap/where.js';
import type { PartitionLooks } from './serving/partition-looks.js';
import type { Parts } from './wire.js';

/** What a run stands on, as far as it is shown. */
export interface Opened {
  readonly config: Config;
  readonly transport: Transport;
  readonly parts: Parts;
  readonly follower: SnapshotFollower;
  readonly retrainer: Retrainer;
  readonly looks: PartitionLooks;
}

/** Sees from outside what a run holds: its parts once they are open, and its partitions as they come and go. */
export interface RunWatcher {
  opened(parts: Opened): void;
  /** A partition was taken, or failed, and reads again what it held. */
  restoring(partition: number): void;
  restored(partition: number, look: PartitionLook): void;
  /** The samples of a unit of work, before it is committed; they are valid until the next one. */
  selected(partition: number, decided: Decided): void;
  /** What a stage gave, before its unit of work is committed; valid until the next one. */
  gave?(partition: number, stage: string, output: unknown): void;
  /** Stages of which somebody wants to see now what they give. */
  tappedStages?(): readonly string[];
  /** The same as {@link gave}, of a stage in another thread: what it gave as a tap shows it. */
  tapped?(partition: number, stage: string, records: readonly Tapped[]): void;
  /** After every unit of work. */
  committed(partition: number): void;
  gaveBack(partition: number): void;
}
