import { afterEach, expect, test } from 'vitest';
import { SluiceError } from '../../../src/errors.js';
import type { AssignmentListener, PartitionLease, Transport } from '../../../src/ports/transport.js';
import { readAll, record, text, world, type World } from './fixture.js';

const PARTITIONS = 4;
const PER_PARTITION = 400;

let current: World | undefined;
afterEach(async () => {
  await current?.closeAll();
  current = undefined;
});

/** Copies both inputs to the training topic, a few records a unit, from the committed offsets on. */
class Copier implements AssignmentListener {
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

async function until(isReached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isReached())) await new Promise((resolve) => setTimeout(resolve, 50));
}

const totalOf = async (transport: Transport) =>
  [...(await transport.committedAll()).values()].reduce((sum, { progress }) => sum + Number(progress ?? 0), 0);

test('members that join and leave while the inputs are read lose nothing and double nothing', async () => {
  current = world(PARTITIONS);
  const first = current.open();
  await first.prepare();
  const expected: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const topic of ['impressions', 'interactions'] as const) {
      const values = Array.from({ length: PER_PARTITION }, (_, index) => `${topic}/${partition}/${index}`);
      expected.push(...values);
      await first.append(values.map((value) => record(topic, value, partition)));
    }
  }
  const [one, two] = [new Copier(40), new Copier(40)];
  await first.join(one);
  await until(() => one.holding.size === PARTITIONS);

  const second = current.open();
  await second.join(two);
  await until(() => one.holding.size === 2 && two.holding.size === 2);
  // Partitions that stayed kept their lease: four at first, none anew.
  expect(one.leaseCount).toBe(PARTITIONS);
  expect(new Set([...one.holding, ...two.holding]).size).toBe(PARTITIONS);
  expect(await totalOf(first)).toBeLessThan(expected.length);

  await second.leave();
  await until(() => one.holding.size === PARTITIONS);
  const third = current.open();
  const three = new Copier(5);
  await third.join(three);
  await until(async () => (await totalOf(first)) === expected.length);

  const reader = await first.reader(['training'], 'earliest');
  const seen = await readAll(reader);
  await reader.close();
  expect(seen.map(({ value }) => value).sort()).toEqual(expected.sort());
  for (const { value, partition } of seen) expect(Number(value.split('/')[1])).toBe(partition);
  expect([...one.failures, ...two.failures, ...three.failures]).toEqual([]);
});
