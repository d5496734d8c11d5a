import { describe, expect, it } from 'vitest';
import { goalOn, goalRanks, goalsText, leastGoals, strength } from '../../src/events/index.js';

const AD_BUYS = { goal: 'CLICK', surfaceGoals: { AD: 'PURCHASE' } } as const;

describe('goals', () => {
  it('are those of the surface, else that of all', () => {
    expect(goalOn(AD_BUYS, 'AD')).toBe('PURCHASE');
    expect(goalOn(AD_BUYS, 'SEARCH')).toBe('CLICK');
    expect(goalRanks(AD_BUYS)).toEqual([strength('CLICK'), strength('PURCHASE'), strength('CLICK')]);
  });

  it('have one text and one least form where they label alike, that of before where no surface differs', () => {
    const same = { goal: 'CLICK', surfaceGoals: { SEARCH: 'CLICK' } } as const;
    expect([goalsText(same), leastGoals(same)]).toEqual(['CLICK', { goal: 'CLICK' }]);
    const more = { goal: 'CLICK', surfaceGoals: { SEARCH: 'CLICK', AD: 'PURCHASE' } } as const;
    expect([goalsText(more), leastGoals(more)]).toEqual([goalsText(AD_BUYS), AD_BUYS]);
    expect(goalsText(AD_BUYS)).toBe('CLICK, AD PURCHASE');
  });
});
