import type { Config } from '../../config/schema.js';
import type { CleanInteraction, CleanItem, CleanList } from '../admitted.js';
import { attributeFeatures, declaredCategories, declaredNumbers, type UserAttribute } from '../declared.js';
import { float64Of, type CapturedColumns } from '../state/captured.js';
import { LinesCapture, linesOf } from '../state/lines-capture.js';
import type { Key } from '../state/keys.js';
import type { CapturedPart } from './family.js';
import type { KeySpace } from './list-keys.js';
import { UNIT_MS } from '../units.js';

type Settings = Pick<Config['features'], 'declared' | 'maxSessions'>;

/** What `features.declared` has interactions bring; undefined: nothing. */
export function userAttributesOf(settings: Settings, space: KeySpace): UserAttributes | undefined {
  return attributeFeatures(settings.declared).length > 0 ? new UserAttributes(settings, space) : undefined;
}

/**
 * The attributes of users, of sessions where the user is unknown, that their interactions brought last. An attribute that an
 * interaction does not bring stays as it was. Each is bounded; those brought longest ago go first.
 */
export class UserAttributes {
  readonly parts: Readonly<Record<string, CapturedPart>>;
  private readonly attributes: readonly Attribute[];

  constructor(
    { declared, maxSessions }: Settings,
    private readonly space: KeySpace,
  ) {
    const [numbers, categories] = [declaredNumbers(declared), declaredCategories(declared)];
    this.attributes = attributeFeatures(declared).map((feature): Attribute => {
      const remembered = new Remembered(maxSessions);
      // What is remembered is what was made of the value.
      const part = { [`brought ${JSON.stringify(feature)}`]: remembered };
      if (feature.kind === 'category')
        return { name: feature.name, is: 'category', at: categories.indexOf(feature), perMs: 0, remembered, part };
      const perMs = feature.kind === 'time' ? 1 / UNIT_MS[feature.unit] : 0;
      return { name: feature.name, is: 'number', at: numbers.indexOf(feature), perMs, remembered, part };
    });
    this.parts = Object.assign({}, ...this.attributes.map(({ part }) => part)) as Record<string, CapturedPart>;
  }

  /** Remembers what an interaction brings, as of its turn. */
  brought({ session, user, eventTimeMs, attributes = [] }: CleanInteraction): void {
    for (const { at, value } of attributes) {
      // JSON has no −0.
      const kept = typeof value === 'number' ? value + 0 : value;
      this.attributes[at]?.remembered.set(this.keyOf(session, user), { value: kept, timeMs: eventTimeMs });
    }
  }

  /** A list with what is known of its user. */
  into(list: CleanList): CleanList {
    const key = this.keyOf(list.session, list.user);
    const known = this.attributes.flatMap((attribute) => {
      const brought = attribute.remembered.of(key);
      return brought ? [{ attribute, value: asOf(brought, attribute, list.eventTimeMs) }] : [];
    });
    return known.length === 0 ? list : { ...list, items: list.items.map((item) => withKnown(item, known)) };
  }

  /** What is known of somebody, by feature. */
  of(key: Key, timeMs: number): Readonly<Record<string, UserAttribute['value']>> {
    return Object.fromEntries(
      this.attributes.flatMap((attribute) => {
        const brought = attribute.remembered.of(key);
        return brought ? [[attribute.name, asOf(brought, attribute, timeMs)]] : [];
      }),
    );
  }

  private keyOf(session: string, user: string | null): Key {
    return user === null ? this.space.session(session) : this.space.keyOf(user);
  }
}

interface Attribute {
  readonly name: string;
  readonly is: 'number' | 'category';
  /** Its place among the numbers, or the categories, of an item. */
  readonly at: number;
  /** How much it grows by itself, for times. */
  readonly perMs: number;
  readonly remembered: Remembered;
  readonly part: Readonly<Record<string, CapturedPart>>;
}

interface Brought {
  readonly value: UserAttribute['value'];
  readonly timeMs: number;
}

interface Known {
  readonly attribute: Attribute;
  readonly value: UserAttribute['value'];
}

function asOf({ value, timeMs }: Brought, { perMs }: Attribute, nowMs: number): UserAttribute['value'] {
  return typeof value === 'number' ? value + (nowMs - timeMs) * perMs : value;
}

function withKnown(item: CleanItem, known: readonly Known[]): CleanItem {
  const { declared } = item;
  if (!declared) return item;
  const numbers = declared.numbers.slice();
  const categories = [...declared.categories];
  for (const { attribute, value } of known)
    if (typeof value === 'number') numbers[attribute.at] = value;
    else categories[attribute.at] = value;
  return { ...item, declared: { ...declared, numbers, categories } };
}

/** The last value of one attribute, by person. */
class Remembered implements CapturedPart {
  readonly names = ['keys', 'timesMs', 'values'];
  private readonly byPerson = new Map<Key, Brought>();

  constructor(private readonly maxEntries: number) {}

  of(key: Key): Brought | undefined {
    return this.byPerson.get(key);
  }

  set(key: Key, brought: Brought): void {
    this.byPerson.delete(key);
    this.byPerson.set(key, brought);
    for (const oldest of this.byPerson.keys()) {
      if (this.byPerson.size <= this.maxEntries) break;
      this.byPerson.delete(oldest);
    }
  }

  capture(): CapturedColumns {
    return this.beginCapture().whole;
  }

  /** Those brought longest ago first. */
  beginCapture(): LinesCapture<Brought> {
    const all = [...this.byPerson.values()];
    const keys = Float64Array.from(this.byPerson.keys());
    const timesMs = Float64Array.from(all, ({ timeMs }) => timeMs);
    return new LinesCapture('values', { keys, timesMs }, all, ({ value }) => value);
  }

  restore(captured: CapturedColumns): void {
    this.byPerson.clear();
    const lines = linesOf(captured, 'values');
    const timesMs = float64Of(captured, 'timesMs');
    float64Of(captured, 'keys').forEach((key, at) => {
      this.set(key, { value: JSON.parse(lines[at]!) as Brought['value'], timeMs: timesMs[at]! });
    });
  }
}
