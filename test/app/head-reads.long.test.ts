import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auc } from '../../src/learn/metrics/auc.js';
import { embedded, World, type Row } from './fixture.js';
import { titleLog } from './title-log.js';

const LISTS = 1_500;
const ITEMS = 4;

describe('a log in which the words of the title decide the clicks', { timeout: 300_000 }, () => {
  const world = new World(embedded, { join: { attributionWindowMs: 60_000, allowedLatenessMs: 10_000 } });
  let events: string;
  beforeAll(() => {
    const { impressions, interactions } = titleLog(LISTS, ITEMS, 7);
    events = world.events(impressions, interactions);
  });
  afterAll(() => world.remove());

  /** AUC and calibration of the last champion's predictions, made before the outcome was known, on the audit slice. */
  async function judged(item: number, learner: 'head' | 'linear'): Promise<{ auc: number; calibration: number }> {
    const application = world.application({
      encoder: { model: 'builtin-en', cachePath: '' },
      features: { text: { item } },
      selection: { budget: 0.5, auditFraction: 0.3 },
      retrain: { everySamples: 1_500, learner, calibration: { minPositives: 50 } },
    });
    await application.runToEnd(events);
    const scored = [...(await application.rows('audit'))].filter((row) => row['prediction'] !== null);
    const last = scored.reduce((newest, row) => Math.max(newest, versionOf(row)), 0);
    const rows = scored.filter((row) => versionOf(row) === last);
    expect(rows.length).toBeGreaterThan(200);
    const predicted = Float64Array.from(rows, (row) => row['prediction'] as number);
    const labels = Uint8Array.from(rows, ({ label }) => label);
    const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
    return { auc: auc(predicted, labels)!, calibration: sum(predicted) / sum(labels) };
  }

  it('the head reads: with the text vector among its columns it ranks them, calibrated, where without it it guesses', async () => {
    const blind = await judged(0, 'head');
    const reading = await judged(384, 'head');
    expect(blind.auc).toBeLessThan(0.6);
    expect(reading.auc).toBeGreaterThan(0.82);
    expect(reading.calibration).toBeGreaterThan(0.8);
    expect(reading.calibration).toBeLessThan(1.25);
  });
});

const versionOf = (row: Row): number => Number.parseInt(row['snapshotVersion'] as string, 10);
