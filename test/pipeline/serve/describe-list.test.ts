import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../../src/adapters/memory/index.js';
import type { ImpressionList } from '../../../src/events/words.js';
import type { Partition } from '../../../src/pipeline/partition.js';
import { type Described, describeList } from '../../../src/pipeline/serve/describe-list.js';
import { feed, live, readAll, stateOf, type World } from '../instance.js';
import { configOf, T0 } from '../kit.js';
import { trafficOf } from '../traffic.js';

const MINUTE_MS = 60_000;

const worldOf = (features: object): World => ({
  log: new MemoryLog(),
  clock: new ManualClock({ nowMs: T0 + 1_000_000_000 }),
  config: configOf({
    topics: { partitions: 1 },
    batch: { lingerMs: 0, commitEveryMs: 0 },
    join: { attributionWindowMs: 10_000, allowedLatenessMs: 1_000 },
    features: { shortHalfLifeMs: 20_000, longHalfLifeMs: 120_000, ...features },
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
  }),
});

/** Takes the traffic to its end and gives the partition as it is then. */
async function settled(world: World): Promise<Partition> {
  const { partition } = await live(world, { untilEnd: true });
  return partition!;
}

const look = (partition: Partition, list: Partial<ImpressionList>): Promise<Described> => {
  const { gate, vectors } = partition.deps;
  return describeList(partition, list, { gate, vectors, nowMs: T0 + 1_000_000_000 });
};

interface Sample {
  readonly itemId: string;
  readonly position: number;
  readonly features: readonly (number | null)[];
  readonly prediction: number;
}

async function samplesOf(world: World, requestId: string): Promise<readonly Sample[]> {
  const rows = (await readAll(world, ['training'])).map(
    ({ value }) => JSON.parse(Buffer.from(value!).toString()) as Sample & { readonly requestId: string },
  );
  return rows
    .filter((row) => row.requestId === requestId)
    .sort((left, right) => left.position - right.position)
    .map(({ itemId, position, features, prediction }) => ({
      itemId,
      position,
      features: features.map((value) => (value === null ? null : Math.fround(value))),
      prediction,
    }));
}

/** What was answered, as the samples of the list would say it. */
function asSamples(described: Described): readonly Sample[] {
  if (described.kind === 'refused') throw new Error(JSON.stringify(described.refused));
  const { items, rows, predictions } = described;
  const width = rows.length / items.length;
  return JSON.parse(
    JSON.stringify(
      items.map((item, i) => ({
        ...item,
        features: [...rows.subarray(i * width, (i + 1) * width)],
        prediction: predictions![i],
      })),
    ),
  ) as Sample[];
}

const list = fc.record({
  surface: fc.constantFrom('SEARCH' as const, 'AD' as const, 'RECOMMENDATION' as const),
  sessionId: fc.constantFrom('s0', 's1', 's2', 'never seen'),
  userId: fc.constantFrom(null, 'u0', 'u1', 'stranger'),
  query: fc.constantFrom('', 'berlin', 'paris', 'new'),
  context: fc.constantFrom({}, { device: 'mobile', city: 'x' }, { device: 'fridge' }),
  items: fc
    .array(
      fc.record({
        itemId: fc.integer({ min: 0, max: 35 }).map((n) => `item${n}`),
        title: fc.constantFrom(null, 'title 3', 'title 11', 'unheard of'),
        category: fc.constantFrom(null, 'hotel', 'castle'),
        price: fc.constantFrom(null, 10, 99.5, 1_000),
        attributes: fc.constantFrom({}, { stars: '3' }, { stars: '5', pool: 'yes' }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((items) => items.map((item, i) => ({ ...item, position: i + 1 }))),
});

describe('describing a list from the state of a partition', () => {
  it.each([
    ['under the default columns', {}],
    ['with every column, and so few entries that some are dropped', { omit: [], maxCounterEntries: 20 }],
    [
      'with text vectors and state of one’s own',
      {
        text: { item: 2, query: 2, product: 2 },
        state: [
          { name: 'userItem', kind: 'count', by: ['user', 'item'], of: 'acted', halfLifeMs: 9_000 },
          { name: 'categoryRate', kind: 'rate', by: ['category'] },
        ],
      },
    ],
  ])('gives the features and the prediction of the samples that the list becomes: %s', async (_, features) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(list, { minLength: 2, maxLength: 4 }),
        async (seed, lists) => {
          const world = worldOf(features);
          const { records } = trafficOf({ seed, lists: 40, windowMs: 10_000, latenessMs: 1_000 });
          await feed(world, records);
          for (const [at, one] of lists.entries()) {
            const partition = await settled(world);
            const before = stateOf(partition);
            const message = { ...one, requestId: `asked${at}`, eventTimeMs: T0 + (at + 10) * MINUTE_MS };
            const answer = await look(partition, message);
            expect(stateOf(partition)).toEqual(before);
            await feed(world, [
              { topic: 'impressions', key: null, partition: 0, value: Buffer.from(JSON.stringify(message)) },
            ]);
            await settled(world);
            expect(asSamples(answer)).toEqual(await samplesOf(world, message.requestId));
          }
        },
      ),
      { numRuns: 4 },
    );
  });

  const message = {
    requestId: 'r',
    eventTimeMs: T0,
    surface: 'SEARCH' as const,
    sessionId: 's1',
    items: [{ itemId: 'a', position: 1 }],
  };
  const fresh = settled(worldOf({}));

  it('takes candidates that share a place, and one that is there twice once', async () => {
    const items = ['a', 'b', 'a', 'c'].map((itemId) => ({ itemId, position: 1 }));
    const answer = await look(await fresh, { ...message, items });
    expect(answer).toMatchObject({
      kind: 'described',
      items: [
        { itemId: 'a', position: 1 },
        { itemId: 'b', position: 1 },
        { itemId: 'c', position: 1 },
      ],
    });
  });

  it('needs neither request id nor time: a list without is of now', async () => {
    const { requestId: _id, eventTimeMs: _time, ...others } = message;
    expect(await look(await fresh, others)).toMatchObject({ kind: 'described', turnMs: T0 + 1_000_000_000 });
  });

  it('says what the stream would refuse: of the items, or the whole list', async () => {
    const answer = await look(await fresh, {
      ...message,
      items: [
        { itemId: 'a', position: 1 },
        { itemId: '', position: 2 },
      ],
    });
    expect(answer).toMatchObject({
      kind: 'described',
      items: [{ itemId: 'a' }],
      refused: [{ code: 'missing-field', itemIndex: 1 }],
    });
    expect(await look(await fresh, { ...message, surface: 'DREAM' } as never)).toMatchObject({
      kind: 'refused',
      refused: [{ code: 'invalid-field', itemIndex: null }],
    });
    expect(await look(await fresh, { ...message, items: [] })).toMatchObject({ kind: 'refused' });
    expect(await look(await fresh, { ...message, items: [null] } as never)).toMatchObject({ kind: 'refused' });
  });

  it('one that would come late is described as of the turn that it would have', async () => {
    const world = worldOf({});
    await feed(world, trafficOf({ seed: 1, lists: 20, windowMs: 10_000, latenessMs: 1_000 }).records);
    const partition = await settled(world);
    const answer = await look(partition, { ...message, eventTimeMs: T0 - MINUTE_MS });
    expect(answer).toMatchObject({ kind: 'described', turnMs: partition.reorder.watermarkMs, waitingCount: 0 });
  });
});
