import { describe, expect, it } from 'vitest';
import { RecordingLogger, RecordingMetrics } from '../../../src/adapters/memory/index.js';

describe('recording metrics', () => {
  it('total adds the counts of every label set that contains the labels asked for', () => {
    const metrics = new RecordingMetrics();
    const name = 'sluice_fits_total';
    metrics.count(name, 2, { learner: 'forest', result: 'kept' });
    metrics.count(name, 3, { learner: 'forest', result: 'failed' });
    metrics.count(name, 5, { learner: 'head', result: 'kept' });
    expect(metrics.total(name)).toBe(10);
    expect(metrics.total(name, { learner: 'forest' })).toBe(5);
    expect(metrics.total('sluice_closed_early_total')).toBe(0);
  });

  it('latest is the newest value of a gauge', () => {
    const metrics = new RecordingMetrics();
    expect(metrics.latest('sluice_partitions')).toBeUndefined();
    metrics.gauge('sluice_partitions', 3);
    metrics.gauge('sluice_partitions', 1);
    expect(metrics.latest('sluice_partitions')).toBe(1);
  });

  it('what a histogram observed comes in the order it was observed', () => {
    const metrics = new RecordingMetrics();
    metrics.observe('sluice_commit_seconds', 0.2);
    metrics.observe('sluice_commit_seconds', 0.1);
    expect(metrics.observed('sluice_commit_seconds')).toEqual([0.2, 0.1]);
  });

  it('a gauge that was forgotten has no value, others keep theirs', () => {
    const metrics = new RecordingMetrics();
    for (const partition of ['0', '1']) metrics.gauge('sluice_open_impressions', 7, { partition });
    metrics.forget({ partition: '0' });
    expect(metrics.latest('sluice_open_impressions', { partition: '0' })).toBeUndefined();
    expect(metrics.latest('sluice_open_impressions', { partition: '1' })).toBe(7);
  });

  it('a recording that the metric table does not allow throws', () => {
    const metrics = new RecordingMetrics();
    expect(() => metrics.count('sluice_unheard_of_total', 1)).toThrow('sluice_unheard_of_total');
    expect(() => metrics.gauge('sluice_samples_total', 1)).toThrow('not a declared gauge');
    expect(() => metrics.count('sluice_samples_total', 1)).toThrow('needs the label fate');
    expect(() => metrics.count('sluice_samples_total', 1, { fate: 'sold' })).toThrow('no fate sold');
    expect(() => metrics.gauge('sluice_partitions', NaN)).toThrow('cannot take NaN');
  });
});

describe('recording logger', () => {
  it('keeps lines in order with their level and fields', () => {
    const logger = new RecordingLogger();
    logger.warn('one', { a: 1 });
    logger.error('two');
    expect(logger.lines).toEqual([
      { level: 'warn', message: 'one', fields: { a: 1 } },
      { level: 'error', message: 'two', fields: {} },
    ]);
    expect(logger.messages('error')).toEqual(['two']);
  });
});
