import type { Describe } from './describer.js';

/** What can be asked of the partitions of this instance. */
export class PartitionLooks {
  private readonly restored = new Map<number, Describe>();

  constructor(
    readonly partitionCount: number,
    /** True while a partition is worked on here, restored or not. */
    private readonly isHere: (partition: number) => boolean,
    /** True where sessions lie on other partitions than the default partitioner's. */
    readonly isPlacedOtherwise: () => boolean,
    /** False while the stream has yet to choose its encoder. */
    readonly isEncoderChosen: () => boolean,
  ) {}

  /** Partitions of this instance. */
  get here(): readonly number[] {
    return Array.from({ length: this.partitionCount }, (_, partition) => partition).filter(this.isHere);
  }

  /** What describes lists of a partition; why not, where nothing does. */
  of(partition: number): Describe | 'restoring' | 'elsewhere' {
    return this.restored.get(partition) ?? (this.isHere(partition) ? 'restoring' : 'elsewhere');
  }

  take(partition: number, describe: Describe): void {
    this.restored.set(partition, describe);
  }

  /** The life that `describe` was of has ended. */
  drop(partition: number, describe: Describe): void {
    if (this.restored.get(partition) === describe) this.restored.delete(partition);
  }
}
