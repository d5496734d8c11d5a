import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system/index.js';
import { runChaos } from '../../src/lab/chaos.js';
import { isSame } from '../../src/lab/chaos/compare.js';
import { KAFKA_BORDER_HARMS } from '../../src/lab/chaos/kafka-border.js';

describe('sluice chaos on Kafka, the quick form', () => {
  it('kills of the processors and of a broker, a cut, harm at the border: nothing is lost, doubled or different', async () => {
    const said: string[] = [];
    const proof = (await runChaos({
      transport: 'kafka',
      killCount: 5,
      seed: 11,
      impressionCount: 4_000,
      partitions: 4,
      instances: 2,
      say: (text) => void said.push(text),
      signal: new AbortController().signal,
      clock: systemClock,
    }))!;
    const count = (kind: string): number =>
      proof.harms.filter((harm) => harm.kind === kind).reduce((sum, harm) => sum + harm.count, 0);
    expect(proof.crashes).toEqual([]);
    expect(count('kill −9')).toBe(5);
    expect(count('broker killed')).toBeGreaterThanOrEqual(1);
    expect(count('cut')).toBeGreaterThanOrEqual(1);
    for (const kind of KAFKA_BORDER_HARMS) expect(count(kind), kind).toBeGreaterThanOrEqual(1);
    expect(proof.topics.filter((topic) => !isSame(topic))).toEqual([]);
    expect(proof.differingCounts).toEqual([]);
    expect(proof.holds).toBe(true);
    for (const { topic, expectedCount } of proof.topics) expect(expectedCount, topic).toBeGreaterThan(0);
    expect(proof.expected.champion.predicted).toBe(proof.expected.samples.seen);
    expect(said.filter((line) => line.includes('committed'))).toHaveLength(
      proof.harms.reduce((sum, harm) => sum + harm.count, 0),
    );
  });
});
