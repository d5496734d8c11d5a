import { SluiceError } from '../errors.js';
import type { ReadOptions, Samples } from './samples.js';

/** A row as it was read: `features` a list, or a field `feature.NAME` for each. */
export type SampleRecord = Readonly<Record<string, unknown>>;

const FEATURE = 'feature.';

/** Rows on their way into columns. */
export class Gathered {
  private featureSetId: string | null = null;
  private names: readonly string[] | undefined;
  private readonly rows: Float32Array[] = [];
  private readonly columns = new Map<string, unknown[]>();

  constructor(
    private readonly path: string,
    private readonly options: ReadOptions,
  ) {
    this.names = options.features?.columns.map(({ name }) => name);
  }

  add(record: SampleRecord): void {
    const { featureSetId: id } = record;
    if (typeof id !== 'string') throw this.invalid('it is no sample: it has no featureSetId');
    if (this.options.featureSet !== undefined && id !== this.options.featureSet) return;
    const expected = this.featureSetId ?? this.options.features?.featureSetId ?? id;
    if (id !== expected) throw new SluiceError('feature-sets-mixed', { one: expected, other: id });
    this.featureSetId = id;
    this.rows.push(this.featuresOf(record));
    for (const [name, value] of flat(record)) this.set(name, value);
    for (const column of this.columns.values()) if (column.length < this.rows.length) column.push(null);
  }

  samples(): Samples {
    const rowCount = this.rows.length;
    const featureNames = this.names ?? [];
    const features = new Float32Array(rowCount * featureNames.length);
    this.rows.forEach((row, at) => features.set(row, at * featureNames.length));
    return {
      rowCount,
      features,
      featureNames,
      featureSetId: this.featureSetId,
      label: Int32Array.from(this.numbers('label')),
      offset: Float64Array.from(this.numbers('logOddsOffset')),
      weight: Float64Array.from(this.numbers('importanceWeight')),
      probability: Float64Array.from(this.numbers('inclusionProbability')),
      fold: this.columns.get('fold') ?? null,
      columns: this.columns,
    };
  }

  private featuresOf(record: SampleRecord): Float32Array {
    const list = record['features'];
    if (!Array.isArray(list)) {
      this.names ??= Object.keys(record).flatMap((name) =>
        name.startsWith(FEATURE) ? [name.slice(FEATURE.length)] : [],
      );
      return Float32Array.from(this.names, (name) => {
        const value = record[FEATURE + name];
        if (value === undefined) throw this.invalid(`it has no column feature.${name}`);
        return numberOf(value);
      });
    }
    this.names ??= list.map((_, index) => String(index));
    if (this.names.length !== list.length)
      throw this.invalid(`it has ${list.length} features and ${this.names.length} names`);
    return Float32Array.from(list, numberOf);
  }

  private set(name: string, value: unknown): void {
    let column = this.columns.get(name);
    if (column === undefined) {
      column = new Array<unknown>(this.rows.length - 1).fill(null);
      this.columns.set(name, column);
    }
    column.push(value ?? null);
  }

  private numbers(name: string): readonly number[] {
    const column = this.columns.get(name) ?? [];
    if (column.length < this.rows.length || column.some((value) => typeof value !== 'number'))
      throw this.invalid(`a row has no ${name}`);
    return column as readonly number[];
  }

  private invalid(why: string): SluiceError {
    return new SluiceError('import-file-invalid', { path: this.path, line: this.rows.length + 1, why });
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : NaN);

/** The fields of a record under the column names of a Parquet dump; features apart. */
function* flat(record: SampleRecord): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(record)) {
    if (name === 'carried') {
      for (const [path, one] of Object.entries((value as SampleRecord | null) ?? {})) yield [`carried.${path}`, one];
    } else if (name === 'embeddings') {
      const vectors = (value as readonly { readonly name: string; readonly values: unknown }[] | null) ?? [];
      for (const vector of vectors) yield [`embedding.${vector.name}`, vector.values];
    } else if (name === 'history') {
      for (const [of, lists] of Object.entries((value as SampleRecord | null) ?? {}))
        for (const [list, values] of Object.entries((lists as SampleRecord | null) ?? {}))
          yield [`history.${of}.${list}`, values];
    } else if (name !== 'features' && !name.startsWith(FEATURE)) yield [name, value];
  }
}
