import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OMITTED_COLUMNS } from '../../../src/config/omitted-columns.js';
import { COLUMNS } from '../../../src/pipeline/features/columns.js';
import { captureState, restoreState } from '../../../src/pipeline/checkpoint/capture.js';
import { packCheckpoint, unpackCheckpoint } from '../../../src/pipeline/checkpoint/pack.js';
import { FROM_THE_BEGINNING, Reorder } from '../../../src/pipeline/order/reorder.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import { Story } from '../story.js';
import { cleanList, NO_HOLD, T0 } from '../kit.js';
import { stream, tell, vectorOf } from './streams.js';

const NAMES = COLUMNS.map(({ name }) => name as string);
const storyOf = (features: ConfigInput['features']): Story =>
  new Story({ features, join: { attributionWindowMs: 300_000, allowedLatenessMs: 1_000 } }, vectorOf);

/** A story whose state a checkpoint of another one gave, and what that one lacked. */
async function resumed(from: Story, features: ConfigInput['features']): Promise<[Story, readonly string[]]> {
  const packed = await packCheckpoint(1, captureState(from.state, new Reorder(NO_HOLD, FROM_THE_BEGINNING)));
  const story = storyOf(features);
  return [story, restoreState(await unpackCheckpoint(Buffer.concat(packed.chunks)), story.state)];
}

/** Rows of the impressions from a sequence number on, by column. */
function rowsFrom(story: Story, from: number, kept: readonly string[]): number[][] {
  const row = new Float32Array(kept.length);
  return Array.from({ length: story.state.join.open.end - from }, (_, i) => {
    story.state.join.open.rows.gather(from + i, 1, row);
    return [...row];
  });
}

const last = cleanList('last', T0 + 5_000_000, ['a', 'b', 'c', 'd'], { session: 's1', query: 'shoe' });

describe('a checkpoint of another set of columns', () => {
  it('gives the columns that both have to the bit when some are left out', async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.subarray(NAMES, { maxLength: NAMES.length - 1 }), async (events, omit) => {
        const before = storyOf({ omit: [] });
        tell(before, events);
        const [after, lacking] = await resumed(before, { omit });
        expect(lacking).toEqual([]);
        const from = before.state.join.open.end;
        before.show(last);
        after.show(last);
        const kept = NAMES.filter((name) => !omit.includes(name));
        const all = rowsFrom(before, from, NAMES);
        expect(rowsFrom(after, from, kept)).toEqual(all.map((row) => row.filter((_, at) => kept.includes(NAMES[at]!))));
      }),
      { numRuns: 25 },
    );
  });

  it('names the state that it lacks for columns that come back, which begins empty', async () => {
    const before = storyOf({ omit: [...OMITTED_COLUMNS] });
    before.show(cleanList('r', T0, ['a', 'b']));
    const [after, lacking] = await resumed(before, { omit: [] });
    expect(lacking).toContain('item/shown~3600000');
    expect(lacking).not.toContain('item/shown~86400000');
    const first = after.show(cleanList('r2', T0 + 1, ['a']));
    expect(after.feature(first, 'itemShown')).toBeCloseTo(1, 6);
    expect(after.feature(first, 'itemWindowShown')).toBe(0);
    expect(after.feature(first, 'itemAveragePosition')).toBeNaN();
  });

  it.each<[string, ConfigInput]>([
    ['item/shown~86400001', { features: { longHalfLifeMs: 86_400_001 } }],
    ['positionDevice~gear/keys', { features: { deviceField: 'gear' } }],
    ['item/clicked PURCHASE~86400000', { label: { goal: 'PURCHASE' } }],
  ])('is not misread where a setting gives a number another meaning: %s begins empty', async (name, input) => {
    const before = new Story({});
    before.show(cleanList('r', T0, ['a', 'b']));
    const captured = captureState(before.state, new Reorder(NO_HOLD, FROM_THE_BEGINNING));
    await packCheckpoint(1, captured);
    expect(restoreState(captured, new Story({}).state)).toEqual([]);
    expect(
      restoreState(captured, new Story(input).state).map((lacking) => lacking.replace('touchedMs', 'keys')),
    ).toContain(name);
  });
});
