import { describe, expect, it } from 'vitest';
import { examinedOn, leastExamination } from '../../src/events/examination.js';

describe('examination', () => {
  it('is told as on the surface, else as on all', () => {
    const ads = { examined: 'above-last-click', surfaceExamined: { AD: 'viewed' } } as const;
    expect(examinedOn(ads, 'AD')).toBe('viewed');
    expect(examinedOn(ads, 'SEARCH')).toBe('above-last-click');
    expect(examinedOn({}, 'SEARCH')).toBe('all');
  });

  it('has one least form where it tells the same, and none where all counts as seen', () => {
    expect(leastExamination({})).toEqual({});
    expect(leastExamination({ examined: 'all', surfaceExamined: { AD: 'all' }, examinedBelow: 3 })).toEqual({});
    expect(leastExamination({ examined: 'viewed', surfaceExamined: { AD: 'viewed' }, examinedBelow: 3 })).toEqual({
      examined: 'viewed',
    });
    const ads = { surfaceExamined: { AD: 'above-last-click' }, examinedBelow: 2 } as const;
    expect(leastExamination({ examined: 'all', ...ads })).toEqual(ads);
  });
});
