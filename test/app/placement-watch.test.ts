import { expect, test } from 'vitest';
import { RecordingLogger } from '../../src/adapters/memory/logger.js';
import { meetingOf, PlacementWatch } from '../../src/app/placement-watch.js';
import { noCounts } from '../../src/pipeline/progress/counts.js';

const placing = (seen: number, misplaced: number, seenThere = 1_000, misplacedThere = 0) => ({
  impressions: { seen, misplaced },
  interactions: { seen: seenThere, misplaced: misplacedThere },
});

test('one input elsewhere: apart; both: unknown; up to a hundredth: they meet; before 20 messages of each: no word', () => {
  expect(meetingOf(placing(1_000, 0))).toBe('meet');
  expect(meetingOf(placing(1_000, 10))).toBe('meet');
  expect(meetingOf(placing(1_000, 11))).toBe('apart');
  expect(meetingOf(placing(1_000, 0, 20, 10))).toBe('apart');
  expect(meetingOf(placing(1_000, 700, 1_000, 700))).toBe('unknown');
  expect(meetingOf(placing(1_000, 700, 19))).toBeUndefined();
});

test('a producer that changes after a million messages is noticed within a few hundred, and said once', () => {
  const logger = new RecordingLogger();
  const topics = { impressions: 'shown', interactions: 'done' };
  const watch = new PlacementWatch(logger, topics, { impressions: 4, interactions: 4 });
  const unit = (misplaced: number): void =>
    watch.observe(noCounts(), {
      ...noCounts(),
      listsCleaned: 100,
      interactionsCleaned: 100,
      interactionsMisplaced: misplaced,
    });
  for (let n = 0; n < 10_000; n++) unit(0);
  expect(logger.lines).toEqual([]);
  for (let n = 0; n < 4; n++) unit(75);
  expect(logger.messages('error')).toHaveLength(1);
  for (let n = 0; n < 1_000; n++) unit(75);
  expect(logger.lines).toHaveLength(1);
});
