import { describe, expect, it } from 'vitest';
import { parseIsoMs } from '../../src/events/iso-time.js';

describe('ISO 8601 times', () => {
  it.each([
    ['2025-10-09T10:53:20+02:00', Date.UTC(2025, 9, 9, 8, 53, 20)],
    ['2025-10-09T08:53:20.123456Z', Date.UTC(2025, 9, 9, 8, 53, 20, 123)],
    ['2025-10-09 08:53:20', Date.UTC(2025, 9, 9, 8, 53, 20)],
    ['2025-10-09T08:53-0330', Date.UTC(2025, 9, 9, 12, 23)],
    ['2025-10-09', Date.UTC(2025, 9, 9)],
  ])('%s is read', (text, timeMs) => {
    expect(parseIsoMs(text)).toBe(timeMs);
  });

  it.each(['2025-02-30', '2025-13-01', '2025-10-09T25:00:00Z', '11/11/2019 9:05:58 AM', '', 'now'])(
    '%j is no time',
    (text) => {
      expect(parseIsoMs(text)).toBeUndefined();
    },
  );
});
