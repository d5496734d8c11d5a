import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { seededRandom, systemClock } from '../../src/adapters/system/index.js';
import { runChaos } from '../../src/lab/chaos.js';
import { compareTopic, differingCounts, isSame } from '../../src/lab/chaos/compare.js';
import { BORDER_HARMS } from '../../src/lab/chaos/border-harms.js';
import { drawKillMoment } from '../../src/lab/chaos/kills.js';

/** A hundred starts of the program, on a machine that has other work. A test that runs out of it ends what it started. */
const PATIENCE_MS = 1_200_000;

const row = (sampleId: string, over: object = {}) => ({
  sampleId,
  label: 0,
  features: [1, null],
  prediction: 0.1,
  ...over,
});

describe('comparing a topic', () => {
  const expected = [row('a'), row('b'), row('c')];
  const compare = (...found: ReturnType<typeof row>[]) => compareTopic('training', expected, found);

  it('the same rows in another order are the same', () => {
    expect(isSame(compare(row('c'), row('a'), row('b')))).toBe(true);
  });
  it('another model may have predicted them', () => {
    expect(isSame(compare(row('a', { prediction: 0.2 }), row('b'), row('c')))).toBe(true);
  });
  it.each([
    ['a lost row', [row('a'), row('b')], { lostCount: 1 }],
    ['an extra row', [...expected, row('d')], { extraCount: 1 }],
    ['a doubled row', [...expected, row('b')], { doubledCount: 1 }],
    ['another label', [row('a', { label: 1 }), row('b'), row('c')], { differentCount: 1, differentFields: ['label'] }],
    ['another feature', [row('a', { features: [1, 0] }), row('b'), row('c')], { differentFields: ['features'] }],
    ['a field more', [row('a', { value: 1 }), row('b'), row('c')], { differentFields: ['value'] }],
  ])('%s is found', (_, found, difference) => {
    const compared = compare(...found);
    expect(compared).toMatchObject(difference);
    expect(isSame(compared)).toBe(false);
  });
  it('dead letters are the same when they are of the same message, whenever it was sent', () => {
    const letter = {
      id: '0:1',
      sourceTopic: 't',
      sourcePartition: 0,
      sourceOffset: 4,
      itemIndex: null,
      code: 'undecodable',
    };
    const later = { ...letter, id: '0:2', sourceTimeMs: 9 };
    expect(isSame(compareTopic('dead-letters', [letter], [later]))).toBe(true);
    expect(compareTopic('dead-letters', [letter], [{ ...later, sourceOffset: 5 }])).toMatchObject({
      lostCount: 1,
      extraCount: 1,
    });
  });
  it('counts that differ are named', () => {
    expect(differingCounts({ a: { x: 1, y: 2 }, z: 3 }, { a: { x: 1, y: 4 }, z: 3 + 1e-12 })).toEqual(['a.y']);
  });
});

describe('moments of kills', () => {
  it('fall on every part of a run, and the same seed draws the same ones', () => {
    const pace = { startMs: 1_000, warmUpMs: 500, workMs: 10_000 };
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 200 }, () => drawKillMoment(random, pace, 5, false));
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    for (const after of ['start', 'join', 'commit'] as const)
      expect(draw(1).some((one) => one.after === after)).toBe(true);
    for (const { after, delayMs } of draw(3)) {
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan({ start: 1_000, join: 500, commit: 20_000 / 6 }[after]);
    }
  });
});

describe('sluice chaos', () => {
  const said: string[] = [];
  const options = {
    transport: 'embedded' as const,
    killCount: 10,
    seed: 3,
    impressionCount: 3_000,
    say: (text: string) => void said.push(text),
    clock: systemClock,
  };
  // A temporary folder of its own, so that what is left behind is ours; and nothing that would keep onnxruntime's
  // telemetry from its log there if the program itself did not.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-test-'));
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('CI', undefined);
  vi.stubEnv('ORT_DISABLE_TELEMETRY', undefined);
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('ten kills lose, double and change nothing', { timeout: PATIENCE_MS }, async ({ signal }) => {
    const proof = (await runChaos({ ...options, signal }))!;
    expect(proof.killCount).toBe(10);
    expect(said.filter((line) => line.startsWith('kill −9'))).toHaveLength(10);
    const kinds = new Set(proof.harms.map(({ kind }) => kind));
    expect(BORDER_HARMS.filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(proof.differingCounts).toEqual([]);
    expect(proof.topics.filter((topic) => !isSame(topic))).toEqual([]);
    expect(proof.holds).toBe(true);
    for (const { topic, expectedCount } of proof.topics) expect(expectedCount, topic).toBeGreaterThan(0);
  });

  it(
    'kills of a process whose partitions live in threads lose, double and change nothing',
    { timeout: PATIENCE_MS },
    async ({ signal }) => {
      const proof = (await runChaos({ ...options, killCount: 5, threads: 2, signal }))!;
      expect(proof.differingCounts).toEqual([]);
      expect(proof.topics.filter((topic) => !isSame(topic))).toEqual([]);
      expect(proof.holds).toBe(true);
      for (const { topic, expectedCount } of proof.topics) expect(expectedCount, topic).toBeGreaterThan(0);
    },
  );

  it('interrupted, it proves nothing and leaves nothing behind', async () => {
    const stop = new AbortController();
    const running = runChaos({ ...options, signal: stop.signal });
    await systemClock.sleep(2_000);
    stop.abort();
    expect(await running).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});
