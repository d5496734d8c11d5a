import { describe, expect, it } from 'vitest';
import { renderCounts } from '../../src/app/accounting.js';
import { accountingSummary } from '../../src/app/accounting-summary.js';
import { noCounts } from '../../src/pipeline/progress/counts.js';

describe('the summary of a run', () => {
  it('says in sentences what was read, joined, kept and refused, and one is one', () => {
    const counts = {
      ...noCounts(),
      ...{ impressionsRead: 6, impressionsDeadLettered: 1, interactionsRead: 1, interactionsJoined: 1 },
      ...{
        samplesSeen: 5,
        samplesKept: 3,
        samplesDropped: 2,
        samplesPositive: 2,
        weightSum: 5.2,
        weightVariance: 0.04,
      },
    };
    expect(accountingSummary(renderCounts(counts, 1_234))).toEqual([
      'Since its beginning the application has read 6 impressions and 1 interaction; this run took 1.2 s.',
      '  impressions   5 samples with their final outcome, 2 positive; 0 still open; 1 refused',
      '  interactions  1 joined their impression',
      '  kept          3 training samples of 5 (60.0 %), 0 for audit, 2 dropped',
      '  weights       the kept stand for 5 of 5: ratio 1.040 ± 0.040 (1: nothing is lost)',
      '  `sluice dead-letters summary` says what was refused, and what to do.',
    ]);
  });

  it('has no number that is none: nothing was read', () => {
    const text = accountingSummary(renderCounts(noCounts(), 0)).join('\n');
    expect(text).not.toMatch(/NaN|null|undefined|Infinity/);
    expect(text).toContain('0 training samples of 0 (0 %)');
  });
});
