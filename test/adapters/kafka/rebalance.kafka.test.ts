import { afterEach, expect, test } from 'vitest';
import { Copier, totalOf, until } from './copier.js';
import { readAll, record, world, type World } from './fixture.js';

const PARTITIONS = 4;
const PER_PARTITION = 400;

let current: World | undefined;
afterEach(async () => {
  await current?.closeAll();
  current = undefined;
});

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
