import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../../../src/config/schema.js';
import type { CleanInteraction } from '../../../src/pipeline/admitted.js';
import { DeclaredReader } from '../../../src/pipeline/clean/declared.js';
import { attributesOf } from '../../../src/pipeline/clean/own-fields.js';
import { Features } from '../../../src/pipeline/features/features.js';
import { declaredProblem, keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import { cleanInteraction, cleanItem, cleanList, keyOf, T0 } from '../kit.js';

const DECLARED = [
  { name: 'age', from: 'interactions.context.age', kind: 'number', clip: [0, 99], missing: -1 },
  { name: 'member', from: 'interactions.context.member', kind: 'boolean' },
  { name: 'joined', from: 'interactions.context.joined', kind: 'time', unit: 'seconds' },
  { name: 'tier', from: 'interactions.context.tier', kind: 'category', rate: false, values: ['gold', 'silver'] },
];
const HOUR_MS = 3_600_000;

function settings(over: object = {}): Config {
  const omit = keptColumns({ omit: [], declared: [] }).map(({ name }) => name);
  return configSchema.parse({ features: { omit, declared: DECLARED, ...over } });
}

/** Features that hear of interactions and say what they know of whom they are shown. */
class Heard {
  features: Features;
  readonly reader: DeclaredReader;

  constructor(readonly config = settings()) {
    this.features = new Features(config, keyOf);
    this.reader = new DeclaredReader(config.features.declared, 'auto');
  }

  hear(nowMs: number, who: Pick<CleanInteraction, 'user' | 'session'>, context: object): void {
    const { attributes } = attributesOf(this.reader);
    this.features.attributes!.brought(
      cleanInteraction('VIEW', nowMs, 'i', { ...who, ...attributes!({ context }, nowMs) }),
    );
  }

  row(nowMs: number, who: Pick<CleanInteraction, 'user' | 'session'>): Record<string, number> {
    const declared = this.reader.read({ context: { age: 5 } }, {}, nowMs);
    const list = cleanList('r', nowMs, [cleanItem('i', 1, { declared })], who);
    const row = new Float32Array(this.features.width);
    this.features.look(list, nowMs, () => undefined, row);
    return Object.fromEntries(keptColumns(this.config.features).map(({ name }, at) => [name, row[at]!]));
  }

  restart(): void {
    const captured = Object.entries(this.features.tables()).map(
      ([name, part]) => [name, structuredClone(part.capture())] as const,
    );
    this.features = new Features(this.config, keyOf);
    const parts = this.features.tables();
    for (const [name, columns] of captured) parts[name]!.restore(columns);
  }
}

const who = fc.record({ user: fc.constantFrom(null, 'u', 'v'), session: fc.constantFrom('s', 't') });
const step = fc.record({
  who,
  asks: who,
  context: fc.record(
    {
      age: fc.oneof(fc.integer({ min: -9, max: 120 }), fc.constantFrom('7', 'old', null)),
      member: fc.constantFrom(true, false, 'yes', 'perhaps'),
      joined: fc.integer({ min: 1e12, max: 1.6e12 }),
      tier: fc.constantFrom('gold', 'silver', 'tin', ['gold', 'tin'], {}),
    },
    { requiredKeys: [] },
  ),
});

describe('attributes of users that interactions bring', () => {
  it('are the last that was readable, of the user or of a session without one, across restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }), (steps) => {
        const heard = new Heard();
        const known = new Map<string, Record<string, unknown>>();
        const nameOf = ({ user, session }: { user: string | null; session: string }) => user ?? `session ${session}`;
        steps.forEach(({ who: by, asks, context }, at) => {
          const nowMs = T0 + at * HOUR_MS;
          heard.hear(nowMs, by, context);
          const of = known.get(nameOf(by)) ?? {};
          known.set(nameOf(by), of);
          const { age, member, joined, tier } = context;
          if (typeof age === 'number' || age === '7') of['age'] = Math.min(99, Math.max(0, Number(age)));
          if (member !== undefined && member !== 'perhaps') of['member'] = Number(member !== false);
          if (joined !== undefined) of['joined'] = joined;
          if (tier !== undefined && (typeof tier === 'string' || Array.isArray(tier))) of['tier'] = [tier].flat();
          if (at % 3 === 2) heard.restart();
          const facts = known.get(nameOf(asks)) ?? {};
          const row = heard.row(nowMs + 500, asks);
          const tiers = facts['tier'] as readonly string[] | undefined;
          expect(row['age']).toBe(facts['age'] ?? -1);
          expect(row['member']).toBe(facts['member'] ?? NaN);
          const since = (nowMs + 500 - (facts['joined'] as number)) / 1_000;
          if (facts['joined'] === undefined) expect(row['joined']).toBeNaN();
          else expect(Math.abs(row['joined']! - since)).toBeLessThan(1e-6 * since);
          expect(row['tierIsgold']).toBe(tiers ? Number(tiers.includes('gold')) : NaN);
          expect(row['tierIssilver']).toBe(tiers ? Number(tiers.includes('silver')) : NaN);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('are counted by what became of them, interaction by interaction', () => {
    const heard = new Heard();
    const user = { user: 'u', session: 's' };
    heard.hear(T0, user, { age: 'old', tier: {}, member: 'perhaps' });
    heard.hear(T0, user, { age: 7 });
    const counted = (name: string) =>
      Object.fromEntries(Object.entries(heard.reader.outcomes.get(name)!).filter(([, count]) => count > 0));
    expect(counted('age')).toEqual({ read: 1, 'wrong-type': 1 });
    expect(counted('tier')).toEqual({ missing: 1, 'wrong-type': 1 });
    heard.row(T0, user);
    expect(counted('age')).toEqual({ read: 1, 'wrong-type': 1 });
  });

  it('are bounded: what was brought longest ago goes first', () => {
    const heard = new Heard(settings({ maxSessions: 2 }));
    for (const user of ['a', 'b', 'a', 'c']) heard.hear(T0, { user, session: 's' }, { age: 30 });
    expect(['a', 'b', 'c'].map((user) => heard.row(T0, { user, session: 's' })['age'])).toEqual([30, -1, 30]);
  });

  it('count as any category does, under what the user last brought', () => {
    const declared = [{ name: 'tier', from: 'interactions.context.tier', kind: 'category', rate: false }];
    const state = [{ name: 'tierShown', kind: 'count', by: ['tier'], of: 'shown' }];
    const config = settings({ declared, state });
    const heard = new Heard(config);
    const show = (user: string): void => {
      const read = heard.reader.read({}, {}, T0);
      const list = cleanList('r', T0, [cleanItem('i', 1, { declared: read })], { user });
      const known = heard.features.attributes!.into(list);
      heard.features.locate(known, T0, () => undefined);
      heard.features.shown(known, T0);
    };
    heard.hear(T0, { user: 'u', session: 's' }, { tier: 'gold' });
    heard.hear(T0, { user: 'v', session: 's' }, { tier: 'gold' });
    show('u');
    show('u');
    expect(heard.row(T0, { user: 'v', session: 's' })['tierShown']).toBe(2);
    expect(heard.row(T0, { user: 'w', session: 's' })['tierShown']).toBeNaN();
  });

  it.each([
    { kind: 'vector', from: 'interactions.v', dimension: 2 },
    { kind: 'match', from: 'items.title', with: 'interactions.context.wish' },
  ])('%j is refused', (line) => {
    expect(declaredProblem(settings({ declared: [{ name: 'x', ...line }] }).features)).toMatch(/cannot bring/);
  });
});
