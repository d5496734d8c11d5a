import type { KeyOf } from '../state/keys.js';
import {
  inListRange,
  lessListMean,
  lessListMedian,
  ofEntries,
  ofTwo,
  rankInList,
  Rate,
  ratioOf,
  toListMean,
} from './compute.js';
import type { Builder, Definition, HalfLife, MakeFamily, Pair } from './definitions.js';
import type { CapturedPart, Family, FeatureSettings } from './family.js';
import { KEY_KINDS, type KeyKind, type KeyName, type OwnKind } from './key-kinds.js';
import { KeyedTable } from './keyed-table.js';
import { KeySpace, ListKeys } from './list-keys.js';
import { ownCategories } from './own-kinds.js';
import { situations } from './situations.js';
import { Filled, type Values } from './values.js';

/** What a set of columns is computed from, and what they and others of the set share. */
export interface Compiled {
  readonly keys: ListKeys;
  readonly event: ListKeys;
  /** In the order in which they are to be called. */
  readonly families: readonly Family[];
  /** Those of them, and others, that hold what is remembered under keys. */
  readonly tables: readonly KeyedTable[];
  /** Everything to be computed for a row, in order. */
  readonly steps: readonly Values[];
  /** Of each column, in the order of the definitions. */
  readonly columns: readonly Values[];
  /** The parts of the state by name. */
  readonly parts: readonly Readonly<Record<string, CapturedPart>>[];
}

/** Turns definitions into what computes them: each part once, and none that nobody asks for. */
export function compileColumns(definitions: readonly Definition[], settings: FeatureSettings, keyOf: KeyOf): Compiled {
  const compiler = new Compiler(settings, keyOf);
  const columns = definitions.map((definition) => compiler.values(definition));
  compiler.open();
  const { keys, event, families, steps } = compiler;
  return { keys, event, families, tables: compiler.allTables(), steps, columns, parts: compiler.parts() };
}

class Compiler implements Builder {
  readonly keys: ListKeys;
  readonly event: ListKeys;
  readonly families: Family[] = [];
  readonly steps: Values[] = [];
  private readonly tables = new Map<string, KeyedTable>();
  private readonly made = new Map<MakeFamily<Family>, Family>();
  private readonly known = new Map<Definition, Values>();

  constructor(
    readonly settings: FeatureSettings,
    keyOf: KeyOf,
  ) {
    const space = new KeySpace(keyOf);
    const own = ownCategories(settings.features, space);
    this.keys = new ListKeys(space, settings.features.deviceField, own);
    this.event = new ListKeys(space, settings.features.deviceField, own);
  }

  table(of: KeyName | OwnKind): KeyedTable {
    if (typeof of === 'object') return this.ownTable(of);
    return this.builtInTable(of);
  }

  private ownTable({ name, kind }: OwnKind): KeyedTable {
    const known = this.tables.get(name);
    if (known) return known;
    const table = this.newTable(name, kind);
    this.families.push(table);
    return table;
  }

  private builtInTable(name: KeyName): KeyedTable {
    const { deviceField } = this.settings.features;
    const stored = name === 'positionDevice' ? `${name}~${deviceField}` : name;
    const known = this.tables.get(stored);
    if (known) return known;
    const kind: KeyKind = KEY_KINDS[name];
    if (kind.isSituation) this.family(situations);
    const table = this.newTable(stored, kind, kind.isPeeked ? this.gate() : undefined);
    this.families.push(table);
    return table;
  }

  store(name: string): KeyedTable {
    const table = this.tables.get(name) ?? this.newTable(name, STORE);
    return table;
  }

  family<Made extends Family>(make: MakeFamily<Made>): Made {
    const known = this.made.get(make) as Made | undefined;
    if (known) return known;
    const family = make(this);
    this.made.set(make, family);
    this.families.push(family);
    return family;
  }

  values(definition: Definition): Values {
    const known = this.known.get(definition);
    if (known) return known;
    const values = this.compile(definition);
    this.known.set(definition, values);
    return values;
  }

  add(values: Values): Values {
    this.steps.push(values);
    return values;
  }

  open(): void {
    const { maxCounterEntries, maxSessions, counters } = this.settings.features;
    for (const [name, table] of this.tables)
      table.open(name === 'session' ? maxSessions : maxCounterEntries, counters === 'shared');
  }

  allTables(): readonly KeyedTable[] {
    return [...this.tables.values()];
  }

  parts(): readonly Readonly<Record<string, CapturedPart>>[] {
    return [...this.tables.values(), ...this.made.values()].map(({ parts }: Family) => parts ?? {});
  }

  private compile(definition: Definition): Values {
    switch (definition.is) {
      case 'item': {
        const { keys } = this;
        const { value } = definition;
        return this.add(
          new Filled((values, count, { items }) => {
            for (let i = 0; i < count; i++) values[i] = value(items[i]!, keys, i);
          }),
        );
      }
      case 'list': {
        const { keys } = this;
        const { value } = definition;
        return this.add(new Filled((values, count, list) => values.fill(value(list, keys), 0, count)));
      }
      case 'rate': {
        const towards = definition.towards === null ? undefined : this.values(definition.towards);
        const table = this.table(definition.of);
        const halfLifeMs = this.halfLifeMs(definition.halfLife);
        const { of, over, smoothing = this.settings.features.smoothing } = definition.pair ?? CLICK_THROUGH;
        const below = table.count(over, halfLifeMs);
        const above = table.count(of, halfLifeMs);
        return this.add(new Rate(table, below, above, smoothing, towards));
      }
      case 'count': {
        const table = this.table(definition.of);
        const halfLifeMs = definition.halfLife === null ? undefined : this.halfLifeMs(definition.halfLife);
        const counted = table.count(definition.moment, halfLifeMs);
        return this.add(ofEntries(table, (entry) => counted.values[entry]!, 0));
      }
      case 'window': {
        const table = this.table(definition.of);
        const window = table.window(definition.moment, definition.windowMs);
        return this.add(ofEntries(table, (entry, nowMs) => window.estimate(entry, nowMs), 0));
      }
      case 'average': {
        const table = this.table(definition.of);
        const average = table.average(definition.what);
        return this.add(ofEntries(table, (entry) => average.values[entry]! || NaN));
      }
      case 'mean': {
        const mean = this.table(definition.of).mean(definition.what);
        return this.add(ofEntries(this.table(definition.of), (entry) => mean.valueOf(entry)));
      }
      case 'since':
        return this.since(definition);
      case 'ratio':
        return this.ofTwo(definition.value, definition.over, ratioOf);
      case 'likeness':
        return this.ofTwo(definition.value, definition.to, (a, b) => ratioOf(Math.min(a, b), Math.max(a, b)));
      case 'difference':
        return this.ofTwo(definition.value, definition.less, (a, b) => a - b);
      case 'toList':
        return this.add(toListMean(this.values(definition.value), definition.plus));
      case 'lessList':
        return this.add(lessListMean(this.values(definition.value)));
      case 'rankInList':
        return this.add(rankInList(this.values(definition.value)));
      case 'lessMedian':
        return this.add(lessListMedian(this.values(definition.value), definition.top));
      case 'inRange':
        return this.add(inListRange(this.values(definition.value), definition.top));
      case 'part':
        return this.family(definition.of).values(definition.name as never);
    }
  }

  private since({ of, which, moments, unitMs, otherwise }: Definition & { readonly is: 'since' }): Values {
    const table = this.table(of);
    const time = which === 'first' ? table.firstMs(moments) : table.lastMs(moments[0]!);
    return this.add(
      ofEntries(table, (entry, nowMs) => {
        const timeMs = time.values[entry]!;
        return timeMs > 0 ? Math.max(0, nowMs - timeMs) / unitMs : otherwise;
      }),
    );
  }

  private ofTwo(a: Definition, b: Definition, valueOf: (a: number, b: number) => number): Values {
    const [first, second] = [this.values(a), this.values(b)];
    return this.add(ofTwo(first, second, valueOf));
  }

  private halfLifeMs(halfLife: HalfLife): number {
    const { shortHalfLifeMs, longHalfLifeMs } = this.settings.features;
    return typeof halfLife === 'number' ? halfLife : halfLife === 'short' ? shortHalfLifeMs : longHalfLifeMs;
  }

  /** People who never acted are looked up nowhere. */
  private gate(): { readonly table: KeyedTable; readonly count: ReturnType<KeyedTable['count']> } {
    const table = this.table('person');
    return { table, count: table.count('acted', this.halfLifeMs('long')) };
  }

  private newTable(name: string, kind: KeyKind, gate?: ReturnType<Compiler['gate']>): KeyedTable {
    const table = new KeyedTable(name, kind, this.keys, this.event, this.settings, gate);
    this.tables.set(name, table);
    return table;
  }
}

const CLICK_THROUGH: Pair = { of: 'clicked', over: 'shown' };
/** Of a table that finds no entries by itself. */
const STORE: KeyKind = { scope: 'item', keyOf: () => 0 };
