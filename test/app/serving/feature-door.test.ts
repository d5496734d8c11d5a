import { describe, expect, it } from 'vitest';
import { ManualClock, RecordingMetrics } from '../../../src/adapters/memory/index.js';
import { FeatureDoor } from '../../../src/app/serving/feature-door.js';
import { PartitionLooks } from '../../../src/app/serving/partition-looks.js';
import type { Describe } from '../../../src/app/serving/describer.js';
import { partitionOfText } from '../../../src/events/partition.js';
import type { Opened } from '../../../src/app/run-watcher.js';

const PARTITIONS = 4;
const SESSION = 's1';
const OWN = partitionOfText(SESSION, PARTITIONS);
const LIST = { sessionId: SESSION, items: [{ itemId: 'a', position: 1, title: 'shoe' }] };

const described: Describe = () =>
  Promise.resolve({
    kind: 'described',
    turnMs: 5,
    watermarkMs: -Infinity,
    waitingCount: 0,
    items: [{ itemId: 'a', position: 1 }],
    rows: Float32Array.of(0.1, NaN),
    predictions: Float32Array.of(0.25),
    snapshotVersion: 'v7',
    history: undefined,
    refused: [{ code: 'missing-field', reason: 'no id', itemIndex: 1 }],
  });

interface Surroundings {
  readonly here?: readonly number[];
  readonly restored?: Describe;
  readonly isPlacedOtherwise?: boolean;
  readonly isEncoderChosen?: boolean;
  readonly isOpen?: boolean;
  readonly clock?: ManualClock;
}

async function ask(
  {
    here = [OWN],
    restored,
    isPlacedOtherwise = false,
    isEncoderChosen = true,
    isOpen = true,
    clock = new ManualClock(),
  }: Surroundings,
  body: unknown = LIST,
) {
  const looks = new PartitionLooks(
    PARTITIONS,
    (partition) => here.includes(partition),
    () => isPlacedOtherwise,
    () => isEncoderChosen,
  );
  if (restored) looks.take(OWN, restored);
  const metrics = new RecordingMetrics();
  const run = { looks, parts: { featureSetId: 'fs', columnNames: ['one', 'two'] } } as unknown as Opened;
  const door = new FeatureDoor({
    open: () => (isOpen ? run : undefined),
    clock,
    metrics,
  });
  const { status, body: text } = await door.answer(Buffer.from(JSON.stringify(body)));
  return { status, body: JSON.parse(String(text)) as Record<string, unknown>, metrics };
}

const outcomeOf = (metrics: RecordingMetrics, outcome: string): number =>
  metrics.total('sluice_features_requests_total', { outcome });

describe('the door that answers features', () => {
  it('gives rows as samples have them, with names, prediction, and what is refused', async () => {
    const { status, body, metrics } = await ask({ restored: described });
    expect(status).toBe(200);
    expect(body).toEqual({
      partition: OWN,
      turnMs: 5,
      watermarkMs: null,
      waitingCount: 0,
      snapshotVersion: 'v7',
      featureSetId: 'fs',
      columns: ['one', 'two'],
      items: [{ itemId: 'a', position: 1, prediction: 0.25, features: [0.1, null] }],
      refused: [{ item: 1, code: 'missing-field', reason: 'no id', remedy: expect.stringMatching(/./) as string }],
    });
    expect(outcomeOf(metrics, 'described')).toBe(1);
  });

  it('sends to the owner of the session’s partition: 421, with the partition and those that are here', async () => {
    const other = (OWN + 1) % PARTITIONS;
    const { status, body, metrics } = await ask({ here: [other] });
    expect(status).toBe(421);
    expect(body).toMatchObject({ partition: OWN, partitionCount: PARTITIONS, here: [other] });
    expect(outcomeOf(metrics, 'elsewhere')).toBe(1);
  });

  it('asks for patience while nothing can be said: 503 with what is waited for', async () => {
    expect(await ask({ isOpen: false })).toMatchObject({
      status: 503,
      body: { error: expect.stringMatching(/not open/) as string },
    });
    expect(await ask({ here: [] })).toMatchObject({
      status: 503,
      body: { error: expect.stringMatching(/no partition/) as string },
    });
    expect(await ask({})).toMatchObject({ status: 503, body: { error: expect.stringMatching(/restored/) as string } });
    expect(await ask({ restored: described, isEncoderChosen: false })).toMatchObject({
      status: 503,
      body: { error: expect.stringMatching(/encoder\.model/) as string },
    });
    const ended: Describe = () => Promise.reject(new Error('this life has ended'));
    const { status, metrics } = await ask({ restored: ended });
    expect([status, outcomeOf(metrics, 'not-ready')]).toEqual([503, 1]);
  });

  it('gives up on what does not come, and waits no longer for what has come', async () => {
    const clock = new ManualClock();
    const asked = ask({ clock, restored: () => new Promise(() => undefined) });
    while (clock.sleeperCount === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.jump(10_000);
    expect(await asked).toMatchObject({ status: 503, body: { error: expect.stringMatching(/10000 ms/) as string } });
    await ask({ clock, restored: described });
    expect(clock.sleeperCount).toBe(0);
  });

  it('without a text it does not wait for the encoder', async () => {
    const list = { sessionId: SESSION, items: [{ itemId: 'a', position: 1 }] };
    expect((await ask({ restored: described, isEncoderChosen: false }, list)).status).toBe(200);
  });

  it('answers for nobody where sessions lie on other partitions than the default ones: 409', async () => {
    const { status, body } = await ask({ restored: described, isPlacedOtherwise: true });
    expect(status).toBe(409);
    expect(body['remedy']).toContain('transport.repartition');
  });

  it('a partition that was taken again is not dropped with its last life', () => {
    const looks = new PartitionLooks(
      1,
      () => true,
      () => false,
      () => true,
    );
    const [first, second]: Describe[] = [() => described(LIST), () => described(LIST)];
    looks.take(0, first!);
    looks.take(0, second!);
    looks.drop(0, first!);
    expect(looks.of(0)).toBe(second);
    looks.drop(0, second!);
    expect(looks.of(0)).toBe('restoring');
  });
});
