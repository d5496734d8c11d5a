import { afterAll, describe, expect, it } from 'vitest';
import { accountingLines } from '../../src/app/accounting-lines.js';
import { renderCounts } from '../../src/app/accounting.js';
import { noCounts } from '../../src/pipeline/progress/counts.js';
import { embedded, World } from './fixture.js';

const SHOWN_MS = Date.UTC(2026, 0, 5);
const list = (requestId: string, items: readonly object[]): object => ({
  requestId,
  eventTimeMs: SHOWN_MS,
  surface: 'SEARCH',
  sessionId: 's',
  items: items.map((item, index) => ({ itemId: `i${index}`, position: index + 1, ...item })),
});
const click = (interactionId: string, rest: object): object => ({
  interactionId,
  eventTimeMs: SHOWN_MS + 2_000,
  type: 'CLICK',
  sessionId: 's',
  itemId: 'i0',
  requestId: 'r',
  ...rest,
});

describe('what a run says about its input', () => {
  const world = new World(embedded, { join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 } });
  afterAll(() => world.remove());

  it('impossible interactions and ignored values stand in the accounting and in the metrics, with the same numbers', async () => {
    const application = world.application();
    const events = world.events(
      [list('r', [{ price: 'cheap' }, { price: {} }, {}]), list('z', [{ position: 0 }])],
      [
        click('c1', { sessionId: 'other' }),
        click('c2', { sessionId: 'third' }),
        click('c3', { itemId: 'i9', requestId: undefined, impressionId: 'r#1' }),
        click('c4', { eventTimeMs: SHOWN_MS - 20_000 }),
        click('c5', { value: 'much' }),
      ],
    );
    const { quality, valuesIgnored, interactions, impressions } = await application.runToEnd(events);
    expect(quality.impossible).toEqual({ otherSession: 2, otherItem: 1, beforeShown: 1 });
    expect(interactions).toMatchObject({ read: 5, joined: 1, unmatched: 4 });
    expect(impressions).toMatchObject({ read: 4, deadLettered: 1 });
    expect(valuesIgnored).toBe(3);

    const { metrics } = application;
    const counted = (reason: string) => metrics.total('sluice_impossible_interactions_total', { reason });
    expect(['other-session', 'other-item', 'before-shown'].map(counted)).toEqual([2, 1, 1]);
    expect(metrics.total('sluice_ignored_values_total')).toBe(3);
    expect(metrics.total('sluice_dead_letters_total', { code: 'positions-from-zero', stage: 'clean' })).toBe(1);
  });

  it('a list with the identity of another is a dead letter of the join, in the metrics too', async () => {
    const application = world.application();
    const other = { ...list('r', [{ itemId: 'x' }]), eventTimeMs: SHOWN_MS + 1_000 };
    await application.runToEnd(world.events([list('r', [{}]), other], []));
    const collided = { code: 'impressions-collide', stage: 'join' };
    expect(application.metrics.total('sluice_dead_letters_total', collided)).toBe(1);
  });
});

describe('the sentences of an accounting', () => {
  const said = (counts: Partial<ReturnType<typeof noCounts>>): string[] =>
    accountingLines(renderCounts({ ...noCounts(), ...counts }, 0));

  it('name every reason that occurred and how often', () => {
    expect(said({ impossibleOtherSession: 1_200, impossibleBeforeShown: 3, valuesIgnored: 2 })).toEqual([
      '1,203 interactions joined nothing, because the impression that each names was shown to another session (1,200), had not been shown yet (3).',
      "2 optional values (prices, say) were not of the field's type and left out; the records went on without.",
    ]);
  });

  it('are none where all was well', () => {
    expect(said({})).toEqual([]);
  });
});
