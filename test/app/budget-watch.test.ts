import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordingLogger } from '../../src/adapters/memory/logger.js';
import { RecordingMetrics } from '../../src/adapters/memory/metrics.js';
import { BudgetWatch, carrying, type Carrying } from '../../src/app/budget-watch.js';
import { noCounts } from '../../src/pipeline/progress/counts.js';

/** Units of 1,000 samples at a share kept and a click rate. */
function live(watch: BudgetWatch, units: number, keptFraction: number, clickRate: number): void {
  for (let unit = 0; unit < units; unit++)
    watch.observe(noCounts(), {
      ...noCounts(),
      samplesSeen: 1_000,
      samplesKept: 1_000 * keptFraction,
      samplesPositive: 1_000 * clickRate,
    });
}

function watched(): { watch: BudgetWatch; logger: RecordingLogger; metrics: RecordingMetrics } {
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  return { watch: new BudgetWatch(logger, metrics, 3), logger, metrics };
}

describe('a budget and the click rate', () => {
  test('below 2 rates it is short, from 5 on comfortable', () => {
    expect([1.9, 2, 4.9, 5].map((ratio) => carrying(ratio, undefined))).toEqual([
      'short',
      'tight',
      'tight',
      'comfortable',
    ]);
  });

  test('a ratio that stands still never changes the verdict', () => {
    const verdict = fc.constantFrom<Carrying>('short', 'tight', 'comfortable');
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20, noNaN: true }), verdict, (ratio, before) => {
        const first = carrying(ratio, before);
        expect(carrying(ratio, first)).toBe(first);
      }),
    );
  });

  test('one warning for as long as it is short, and a word when it is over', () => {
    const { watch, logger, metrics } = watched();
    live(watch, 100, 0.1, 0.08);
    expect(logger.messages('warn')).toHaveLength(1);
    expect(logger.lines[0]!.fields).toMatchObject({ partition: 3, advisedBudget: 0.4 });
    expect(metrics.latest('sluice_budget_to_click_rate_ratio', { partition: '3' })).toBeCloseTo(1.25, 9);
    live(watch, 400, 0.1, 0.01);
    expect(logger.messages('info')).toEqual(['the budget carries the click rate again']);
    live(watch, 400, 0.1, 0.08);
    expect(logger.messages('warn')).toHaveLength(2);
  });

  test('nothing is said of a comfortable budget, of a few samples, or of none', () => {
    const { watch, logger, metrics } = watched();
    watch.observe(noCounts(), noCounts());
    live(watch, 4, 0.1, 0.5);
    expect([logger.lines, metrics.measurements]).toEqual([[], []]);
    const other = watched();
    live(other.watch, 100, 0.1, 0.01);
    expect(other.logger.lines).toEqual([]);
  });
});
