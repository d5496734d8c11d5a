import type { Config } from '../config/schema.js';
import type { Retrainer } from '../learn/index.js';
import type { Partition } from '../pipeline/partition.js';
import type { Selected } from '../pipeline/stages/select.js';
import type { Transport } from '../ports/transport.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import type { Parts } from './wire.js';

/** What a run stands on, as far as it is shown. */
export interface Opened {
  readonly config: Config;
  readonly transport: Transport;
  readonly parts: Parts;
  readonly follower: SnapshotFollower;
  readonly retrainer: Retrainer;
}

/** Sees from outside what a run holds: its parts once they are open, and its partitions as they come and go. */
export interface RunWatcher {
  opened(parts: Opened): void;
  /** A partition was taken, or failed, and reads again what it held. */
  restoring(partition: number): void;
  restored(partition: number, as: Partition): void;
  /** The samples of a unit of work, before it is committed; they are valid until the next one. */
  selected(partition: number, selected: Selected): void;
  /** What a stage gave, before its unit of work is committed; valid until the next one. */
  gave?(partition: number, stage: string, output: unknown): void;
  /** After every unit of work. */
  committed(partition: number): void;
  gaveBack(partition: number): void;
}
