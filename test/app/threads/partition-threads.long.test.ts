import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import { threadCountOf } from '../../../src/app/threads/partition-threads.js';
import { embedded } from '../fixture.js';
import { threadLaws } from './thread-laws.js';

describe('how many threads', () => {
  const count = (threads: number | string, partitions: number): number =>
    threadCountOf({ run: { threads } }, {}, partitions);

  test('as many as asked for, at most one a partition', () => {
    expect([count(1, 8), count(3, 8), count('3', 8), count(9, 8), count('auto', 1)]).toEqual([1, 3, 3, 8, 1]);
    expect(count('auto', 1_000)).toBeGreaterThan(0);
  });

  test('the run’s own under a clock that is not the system’s', () => {
    expect(threadCountOf({ run: { threads: 4 } }, { clock: new ManualClock() }, 8)).toBe(1);
  });
});

threadLaws('the embedded store', embedded, true);
