import { describe, expect, it } from 'vitest';
import { type Config, type ConfigInput, configSchema } from '../../../src/config/schema.js';
import { namedSelection } from '../../../src/pipeline/settings/selection.js';

const idOf = (changes: ConfigInput): string => namedSelection(configSchema.parse(changes)).id;

/** Another value of everything that decides what is kept. */
const OTHERS: Record<keyof Omit<Config['selection'], 'expectedClickRate'>, ConfigInput['selection']> = {
  scorer: { scorer: 'uniform' },
  budget: { budget: 0.3 },
  budgets: { budgets: { AD: 0.3 } },
  perSecond: { perSecond: 10 },
  throttle: { throttle: 0.5 },
  keep: { keep: [{ label: 1, atLeast: 0.5 }] },
  value: { value: { outcomes: { PURCHASE: 3 } } },
  salt: { salt: 'another' },
  defensiveShare: { defensiveShare: 0.5 },
  auditFraction: { auditFraction: 0.2 },
  controllerRate: { controllerRate: 0.01 },
  committeeShares: { committeeShares: [1, 2] },
  committeeLoss: { committeeLoss: 'log' },
  learnCommitteeShares: { learnCommitteeShares: true },
  committeeShareFloor: { committeeShareFloor: 0.5 },
};

describe('the id of selection settings', () => {
  it('is another one for every option that decides what is kept', () => {
    const ids = [
      idOf({}),
      ...Object.values(OTHERS).map((selection) => idOf({ selection })),
      idOf({ label: { goal: 'PURCHASE' } }),
      idOf({ quality: { contradicted: { atMost: 0.5 } } }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}$/);
  });

  it('stays where nothing changes that decides it, in whatever order the config says it', () => {
    expect(idOf({ selection: { expectedClickRate: 0.1 } })).toBe(idOf({}));
    expect(idOf({ retrain: { everySamples: 5 }, batch: { maxBytes: 10_000 } })).toBe(idOf({}));
    expect(idOf({ selection: { budgets: { AD: 0.3, SEARCH: 0.2 } } })).toBe(
      idOf({ selection: { budgets: { SEARCH: 0.2, AD: 0.3 } } }),
    );
  });

  it('is made without giving the salt away', () => {
    const { settings } = namedSelection(configSchema.parse({ selection: { salt: 'a salt nobody knows' } }));
    expect(JSON.stringify(settings)).not.toContain('a salt nobody knows');
  });
});
