import { SluiceError } from '../../../src/errors.js';
import type { AssignmentListener, PartitionLease, Transport } from '../../../src/ports/transport.js';
import { record, text } from './fixture.js';

/** Copies both inputs to the training topic, a few records a unit, from the committed offsets on. */
export class Copier implements AssignmentListener {
  readonly failures: Error[] = [];
  readonly holding = new Set<number>();
  /** Partitions ever given to this member. */
  readonly seen = new Set<number>();
  leaseCount = 0;

  constructor(private readonly pauseMs: number) {}

  async assigned(lease: PartitionLease): Promise<void> {
    this.holding.add(lease.partition);
    this.seen.add(lease.partition);
    this.leaseCount++;
    try {
      await this.copy(lease);
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === 'fenced')) throw error;
    } finally {
      this.holding.delete(lease.partition);
    }
  }

  failed(error: Error): void {
    this.failures.push(error);
  }

  private async copy(lease: PartitionLease): Promise<void> {
    const { offsets, progress } = await lease.committed();
    let { impressions, interactions } = offsets;
    let count = progress === null ? 0 : Number(progress);
    await lease.seek(offsets);
    while (!lease.signal.aborted) {
      const shown = await lease.poll('impressions', 1_500, 50);
      const done = await lease.poll('interactions', 1_500, 50);
      const records = [...shown.records, ...done.records];
      if (records.length === 0) continue;
      impressions = (shown.records.at(-1)?.offset ?? impressions - 1) + 1;
      interactions = (done.records.at(-1)?.offset ?? interactions - 1) + 1;
      count += records.length;
      await lease.commit({
        records: records.map(({ value }) => record('training', text(value), lease.partition)),
        offsets: { impressions, interactions },
        progress: String(count),
      });
      await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    }
  }
}

/** Looks every 50 ms until it is so. */
export async function until(isReached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Records copied so far, by the committed progress records. */
export const totalOf = async (transport: Transport) =>
  [...(await transport.committedAll()).values()].reduce((sum, { progress }) => sum + Number(progress ?? 0), 0);
