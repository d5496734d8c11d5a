import { describe, expect, it } from 'vitest';
import { RecordingLogger, RecordingMetrics } from '../../../src/adapters/memory/index.js';

describe('recording metrics', () => {
  it('total adds the counts of every label set that contains the labels asked for', () => {
    const metrics = new RecordingMetrics();
    metrics.count('read', 2, { topic: 'a', partition: '0' });
    metrics.count('read', 3, { topic: 'a', partition: '1' });
    metrics.count('read', 5, { topic: 'b' });
    expect(metrics.total('read')).toBe(10);
    expect(metrics.total('read', { topic: 'a' })).toBe(5);
    expect(metrics.total('written')).toBe(0);
  });

  it('latest is the newest value of a gauge', () => {
    const metrics = new RecordingMetrics();
    expect(metrics.latest('lag')).toBeUndefined();
    metrics.gauge('lag', 3);
    metrics.gauge('lag', 1);
    expect(metrics.latest('lag')).toBe(1);
  });

  it('durations come in the order they were observed', () => {
    const metrics = new RecordingMetrics();
    metrics.time('commit', 0.2);
    metrics.time('commit', 0.1);
    expect(metrics.durations('commit')).toEqual([0.2, 0.1]);
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
