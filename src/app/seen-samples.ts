import { decodeProgress } from '../pipeline/progress/progress.js';
import type { Transport } from '../ports/transport.js';

/** Samples the whole application has seen: own partitions as of now, the others' as of the last refresh. */
export class SeenSamples {
  private readonly byPartition = new Map<number, () => number>();

  /** A partition is ours: its count comes from memory. */
  own(partition: number, count: () => number): void {
    this.byPartition.set(partition, count);
  }

  /** Reads the committed counts of all partitions that are not ours. */
  async refresh(transport: Pick<Transport, 'committedAll'>): Promise<void> {
    for (const [partition, { progress }] of await transport.committedAll()) {
      const seen = decodeProgress(progress).counts.samplesSeen;
      if (!this.byPartition.has(partition)) this.byPartition.set(partition, () => seen);
    }
  }

  total(): number {
    let sum = 0;
    for (const count of this.byPartition.values()) sum += count();
    return sum;
  }
}
