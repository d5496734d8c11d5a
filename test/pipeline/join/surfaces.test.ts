import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import { takeClosed } from '../../../src/pipeline/close/close.js';
import { cleanInteraction, cleanList, T0 } from '../kit.js';
import { Story } from '../story.js';

const WINDOW_MS = 10_000;
const JOIN = { attributionWindowMs: WINDOW_MS, allowedLatenessMs: 1_000, lateRetentionMs: 5_000 };

const storyOf = (label: ConfigInput['label']): Story => new Story({ join: JOIN, label });
const labelsOf = (story: Story): number[] => [...takeClosed(story.state.join, story.config.label, 1e6).labels];

describe('a goal of a surface', () => {
  it('makes the labels of its impressions, and of no others', () => {
    const story = storyOf({ surfaceGoals: { AD: 'PURCHASE' } });
    story.show(cleanList('r1', T0, ['a']), cleanList('r2', T0 + 1, ['a', 'b'], { surface: 'AD' }));
    story.act(
      cleanInteraction('CLICK', T0 + 2, 'a', { requestId: 'r1' }),
      cleanInteraction('CLICK', T0 + 2, 'a', { requestId: 'r2' }),
      cleanInteraction('PURCHASE', T0 + 2, 'b', { requestId: 'r2' }),
    );
    story.finish();
    expect(labelsOf(story)).toEqual([1, 0, 1]);
  });

  it('is what the click counters of its impressions count', () => {
    const withAds = storyOf({ surfaceGoals: { AD: 'PURCHASE' } });
    const without = storyOf({});
    for (const story of [withAds, without]) {
      story.show(cleanList('r1', T0, ['a'], { surface: 'AD' }));
      story.act(cleanInteraction('CLICK', T0 + 1, 'a', { requestId: 'r1' }));
    }
    const clickedAfter = (story: Story): number =>
      story.feature(story.show(cleanList('r2', T0 + 2, ['a'], { surface: 'AD' })), 'itemClicked');
    expect(clickedAfter(withAds)).toBe(0);
    expect(clickedAfter(without)).toBeGreaterThan(0.9);
  });

  it('says what a late interaction would have made of the label', () => {
    const story = storyOf({ surfaceGoals: { AD: 'PURCHASE' } });
    story.show(cleanList('r1', T0, ['a'], { surface: 'AD' }));
    story.act(
      cleanInteraction('CLICK', T0 + WINDOW_MS + 2, 'a', { requestId: 'r1' }),
      cleanInteraction('PURCHASE', T0 + WINDOW_MS + 3, 'a', { requestId: 'r1' }),
    );
    expect(story.late.map(({ type, labelWas, labelWouldBe }) => [type, labelWas, labelWouldBe])).toEqual([
      ['CLICK', 0, 0],
      ['PURCHASE', 0, 1],
    ]);
  });
});
