import { afterEach, describe, expect, test } from 'vitest';
import { Copier, totalOf, until } from './copier.js';
import { leaseOf, readAll, record, world, type World } from './fixture.js';
import { Scissors } from './scissors.js';

const OFFSET_COMMIT = 8;

let current: World | undefined;
afterEach(async () => {
  await current?.closeAll();
  current = undefined;
});

const delivery = 'at-least-once' as const;
const unit = (number: number) => ({
  records: [record('training', `s${number}`, 0), record('audit', `a${number}`, 0)],
  offsets: { impressions: number, interactions: number },
  progress: `progress ${number}`,
});

async function outputs(transport: ReturnType<World['open']>): Promise<string[]> {
  const reader = await transport.reader(['training', 'audit'], 'earliest');
  try {
    return (await readAll(reader)).map(({ value }) => value).sort();
  } finally {
    await reader.close();
  }
}

describe('delivery at least once', () => {
  test('outputs, both offsets and the progress record survive the instance', async () => {
    current = world(1);
    const first = current.open({ delivery });
    await first.prepare();
    const { lease } = await leaseOf(first);
    await lease.commit(unit(1));
    await lease.commit(unit(2));
    expect(await lease.committed()).toMatchObject({ offsets: { impressions: 2, interactions: 2 } });
    await first.close();

    const second = current.open({ delivery });
    const { lease: again } = await leaseOf(second);
    expect(await again.committed()).toEqual({
      offsets: { impressions: 2, interactions: 2 },
      progress: 'progress 2',
    });
    expect(await outputs(second)).toEqual(['a1', 'a2', 's1', 's2']);
  });

  test.each(['request', 'answer'] as const)(
    'offsets whose commit is cut at its %s are committed again, and nothing is lost',
    async (at) => {
      current = world(1);
      const scissors = new Scissors();
      const transport = current.open({ delivery, requestTimeoutMs: 3_000 }, scissors.factory);
      await transport.prepare();
      const { lease } = await leaseOf(transport);
      await lease.commit(unit(1));
      scissors.armed = { apiKey: OFFSET_COMMIT, at };
      await lease.commit(unit(2));
      expect(scissors.cutCount).toBe(1);
      expect([...new Set(await outputs(transport))]).toEqual(['a1', 'a2', 's1', 's2']);
      expect((await transport.committedAll()).get(0)).toMatchObject({ progress: 'progress 2' });
    },
  );

  test('members that join and leave while the inputs are read lose nothing', async () => {
    const partitions = 3;
    current = world(partitions);
    const first = current.open({ delivery });
    await first.prepare();
    const expected: string[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const values = Array.from({ length: 300 }, (_, index) => `impressions/${partition}/${index}`);
      expected.push(...values);
      await first.append(values.map((value) => record('impressions', value, partition)));
    }
    const [one, two] = [new Copier(40), new Copier(40)];
    await first.join(one);
    await until(() => one.holding.size === partitions);
    const second = current.open({ delivery });
    await second.join(two);
    await until(() => one.holding.size + two.holding.size === partitions && two.holding.size > 0);
    await second.leave();
    await until(async () => (await totalOf(first)) >= expected.length);
    expect([...new Set(await outputs(first))]).toEqual(expected.sort());
    expect([...one.failures, ...two.failures]).toEqual([]);
  });
});
