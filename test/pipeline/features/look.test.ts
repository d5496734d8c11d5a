import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Config, configSchema, type ConfigInput } from '../../../src/config/schema.js';
import { strength } from '../../../src/events/index.js';
import type { CleanInteraction, CleanList } from '../../../src/pipeline/admitted.js';
import { DeclaredReader } from '../../../src/pipeline/clean/declared.js';
import { Features } from '../../../src/pipeline/features/features.js';
import type { ShownList } from '../../../src/pipeline/shown.js';
import type { CapturedColumns } from '../../../src/pipeline/state/captured.js';
import { cleanInteraction, cleanItem, cleanList, keyOf, T0 } from '../kit.js';
import { type Event, stream, vectorOf } from './streams.js';

const DECLARED = [
  { name: 'cost', from: 'items.price', kind: 'number', inList: ['rank', 'ratio'] },
  { name: 'stars', from: 'items.attributes.stars', kind: 'category', shown: true, oneHot: 3 },
  { name: 'city', from: 'context.city', kind: 'category' },
  {
    name: 'image',
    from: 'items.image',
    kind: 'vector',
    dimension: 8,
    as: ['values', 'interest', 'taste', 'list', 'query'],
    tasteHalfLifeMs: 50_000,
    query: 'wish',
  },
];
const STATE = [
  { name: 'userStars', kind: 'count', by: ['user', 'stars'], of: 'CLICK', halfLifeMs: 20_000 },
  { name: 'userItemShown', kind: 'count', by: ['user', 'item'], of: 'shown', halfLifeMs: 15_000 },
  { name: 'cityItemRate', kind: 'rate', by: ['city', 'item'] },
  { name: 'itemViews', kind: 'window', by: ['item'], of: 'VIEW', windowMs: 25_000 },
  { name: 'starsPrice', kind: 'average', by: ['stars'], value: 'cost', step: 0.25 },
  { name: 'sinceUser', kind: 'since', by: ['user'], of: 'acted', unit: 'seconds' },
];
const HALF_LIVES = { shortHalfLifeMs: 60_000, longHalfLifeMs: 600_000, smoothing: 5 };
const EVERYTHING = {
  ...HALF_LIVES,
  omit: [],
  declared: DECLARED,
  state: STATE,
  text: { item: 3, query: 8, product: 3 },
};

const SETTINGS: Readonly<Record<string, object>> = {
  'every column, declared features and state, text vectors': EVERYTHING,
  'so few entries that some are always dropped': {
    ...EVERYTHING,
    maxCounterEntries: 6,
    maxSessions: 1,
    maxInterestVectors: 2,
  },
  'the columns of the default': HALF_LIVES,
  'a few columns only': { ...HALF_LIVES, omit: [], state: STATE.slice(0, 0), text: { item: 2 } },
};

/** A stream told to features, each list looked at first or not. */
class Told {
  readonly features: Features;
  readonly rows: Float32Array[] = [];
  readonly looked: Float32Array[] = [];
  private readonly reader: DeclaredReader | undefined;
  private readonly shown: { readonly list: ShownList; readonly clicked: Set<number> }[] = [];

  constructor(
    private readonly config: Config,
    private readonly looks: boolean,
  ) {
    this.features = new Features(config, keyOf);
    const { declared } = config.features;
    this.reader = declared.length > 0 ? new DeclaredReader(declared, 'auto') : undefined;
  }

  tell(event: Event, nth: number): void {
    if ('list' in event) this.show(this.withOwn(event.list));
    else this.act(event.interaction, nth);
  }

  captured(): Record<string, CapturedColumns> {
    return Object.fromEntries(Object.entries(this.features.tables()).map(([name, part]) => [name, part.capture()]));
  }

  private show(list: CleanList): void {
    const { features } = this;
    const room = (): Float32Array => new Float32Array(list.items.length * features.width);
    if (this.looks) {
      // One at another time, and one of another list, leave nothing behind either.
      features.look({ ...list, query: 'other', session: 'another' }, list.eventTimeMs + 50_000, vectorOf, room());
      const looked = room();
      features.look(list, list.eventTimeMs, vectorOf, looked);
      this.looked.push(looked);
    }
    const rows = room();
    features.locate(list, list.eventTimeMs, vectorOf);
    features.write(list, list.eventTimeMs, rows);
    features.shown(list, list.eventTimeMs);
    this.rows.push(rows);
    this.shown.push({ list: features.retained(list, new Float64Array(list.items.length)), clicked: new Set() });
  }

  private act(interaction: CleanInteraction, nth: number): void {
    const { type, eventTimeMs } = interaction;
    const reached = strength(type) >= strength(this.config.label.goal);
    const place = nth % (this.shown.length + 1);
    const impression = this.shown[place];
    if (!impression) return this.features.acted(interaction, undefined, reached, eventTimeMs);
    const index = nth % impression.list.items.length;
    const { session, user, items } = impression.list;
    const own = { ...interaction, session, user, itemId: items[index]!.itemId };
    this.features.acted(own, { list: impression.list, index }, reached, eventTimeMs);
    if (!reached || impression.clicked.has(index)) return;
    impression.clicked.add(index);
    this.features.clicked(impression.list, index, eventTimeMs);
  }

  private withOwn(list: CleanList): CleanList {
    const { reader } = this;
    if (!reader) return list;
    const message = { context: list.context, wish: [...vectorOf(list.query)] };
    const items = list.items.map((item) => {
      const raw = {
        price: item.price,
        attributes: item.attributes,
        ...(item.text ? { image: [...vectorOf(item.text)] } : {}),
      };
      return { ...item, declared: reader.read(message, raw, list.eventTimeMs) };
    });
    return { ...list, items };
  }
}

const bits = (rows: readonly Float32Array[]): number[][] =>
  rows.map((row) => [...new Uint32Array(row.buffer, row.byteOffset, row.length)]);

describe('a look at what a list would be described as', () => {
  it.each(Object.entries(SETTINGS))(
    'is the very row of the list when its turn comes, and changes nothing: %s',
    (_, features) => {
      const config = configSchema.parse({ features } as ConfigInput);
      fc.assert(
        fc.property(stream, fc.array(fc.nat(50), { minLength: 40, maxLength: 40 }), (events, picks) => {
          const [looking, alone] = [new Told(config, true), new Told(config, false)];
          events.forEach((event, at) => {
            looking.tell(event, picks[at]!);
            alone.tell(event, picks[at]!);
          });
          expect(bits(looking.looked)).toEqual(bits(looking.rows));
          expect(bits(looking.rows)).toEqual(bits(alone.rows));
          expect(looking.captured()).toEqual(alone.captured());
        }),
        { numRuns: 30 },
      );
    },
  );

  it('is so for a list of any length', () => {
    const told = new Told(configSchema.parse({ features: EVERYTHING } as ConfigInput), true);
    const long = (requestId: string, eventTimeMs: number): Event => ({
      list: cleanList(
        requestId,
        eventTimeMs,
        Array.from({ length: 150 }, (_, i) =>
          cleanItem(`i${i % 120}`, i + 1, { text: `t${i % 7}`, attributes: { stars: String(i % 90) }, price: i }),
        ),
      ),
    });
    told.tell(long('r1', T0), 0);
    told.tell({ interaction: cleanInteraction('CLICK', T0 + 1_000, 'i3') }, 0);
    told.tell(long('r2', T0 + 9_000), 0);
    expect(bits(told.looked)).toEqual(bits(told.rows));
  });
});
