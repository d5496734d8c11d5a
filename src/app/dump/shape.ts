import type { History } from '../../events/words.js';
import type { Cell, ColumnType } from '../../ports/table-file.js';
import {
  carriedColumn,
  type ColumnOrSpread,
  type DumpColumn,
  embeddingColumn,
  featureColumn,
  HISTORIES,
  historyColumns,
} from './columns.js';
import type { FeatureNames } from './feature-names.js';
import type { Fields } from './records.js';

/** Fields of a message whose values have one type, where no row says it. */
const KNOWN_TYPES: readonly (readonly [RegExp, ColumnType])[] = [
  [/^items\.(price|position|propensity|samplingRate|negativeSamplingRate)$|^eventTimeMs$/, 'float64'],
  [/^(items\.)?vectors\./, 'float32s'],
];

/**
 * The columns of a dump as far as its rows have shown them: what the schema says, the numbers of every feature set met,
 * carried fields by the type of their values (text where they differ), vectors by name. It only ever grows.
 */
export class Shape {
  /** Feature sets met. */
  private readonly sets = new Set<string>();
  /** Carried fields: type, or null where no value was seen. */
  private readonly carried: Map<string, ColumnType | null>;
  private readonly embeddings: Set<string>;
  private readonly histories: Set<keyof History>;

  constructor(
    private readonly fixed: readonly ColumnOrSpread[],
    /** null: the topic's rows have no features. */
    private readonly names: FeatureNames | null,
    expected: {
      readonly carried: readonly string[];
      readonly embeddings: readonly string[];
      readonly histories: readonly (keyof History)[];
    },
  ) {
    this.carried = new Map(expected.carried.map((path) => [path, null]));
    this.embeddings = new Set(expected.embeddings);
    this.histories = new Set(expected.histories);
  }

  /** Makes room for a row. Returns whether the columns were too few or too narrow for it. @throws feature-set-unknown */
  async take(fields: Fields): Promise<boolean> {
    if (this.names === null) return false;
    let isWider = false;
    const id = fields['featureSetId'] as string;
    if (!this.sets.has(id)) {
      await this.names.learn(id);
      this.sets.add(id);
      isWider = true;
    }
    const carried = fields['carried'] as Readonly<Record<string, Cell>> | null | undefined;
    if (carried) for (const path of Object.keys(carried)) if (this.widen(path, carried[path]!)) isWider = true;
    const vectors = fields['embeddings'] as readonly { readonly name: string }[] | null | undefined;
    if (vectors)
      for (const { name } of vectors) {
        if (this.embeddings.has(name)) continue;
        this.embeddings.add(name);
        isWider = true;
      }
    const histories = fields['history'] as History | null | undefined;
    for (const of of histories ? HISTORIES : []) {
      if (!histories?.[of] || this.histories.has(of)) continue;
      this.histories.add(of);
      isWider = true;
    }
    return isWider;
  }

  private widen(path: string, value: Cell): boolean {
    const known = this.carried.get(path);
    const seen = value === null ? null : typeOfValue(value);
    const joined = known === undefined || known === null ? seen : seen === null || seen === known ? known : 'text';
    if (joined === known) return false;
    this.carried.set(path, joined);
    return true;
  }

  /** The columns in the order of the schema. */
  columns(): readonly DumpColumn[] {
    return this.fixed.flatMap((place) => ('spread' in place ? this.spread(place.spread) : [place]));
  }

  private spread(field: string): readonly DumpColumn[] {
    switch (field) {
      case 'features':
        return this.featureNames().map((name) => featureColumn(this.names!, name));
      case 'embeddings':
        return [...this.embeddings].map(embeddingColumn);
      case 'history':
        return HISTORIES.filter((of) => this.histories.has(of)).flatMap(historyColumns);
      default:
        return [...this.carried].map(([path, type]) => carriedColumn(path, type ?? usualType(path)));
    }
  }

  /** Those of every feature set met, those of the config's where none was. */
  private featureNames(): readonly string[] {
    const { names } = this;
    if (names === null) return [];
    const sets = this.sets.size > 0 ? [...this.sets] : [names.ownId];
    return [...new Set(sets.flatMap((id) => [...names.places(id).keys()]))];
  }
}

function typeOfValue(value: NonNullable<Cell>): ColumnType {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return 'float64';
    case 'string':
      return 'text';
    default:
      return 'float32s';
  }
}

function usualType(path: string): ColumnType {
  return KNOWN_TYPES.find(([pattern]) => pattern.test(path))?.[1] ?? 'text';
}
