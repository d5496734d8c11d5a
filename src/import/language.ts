import { compilePath, type Scope } from './scope.js';
import type { Expression } from './expression-schema.js';
import { Tally } from './tally.js';
import type { Table } from './tables.js';
import type { Watch } from './watch.js';

/** Reads a value out of a scope; undefined is "missing". An array where the column was split or is one. */
export type Reader = (scope: Scope) => unknown;

/** What became of the paths that a mapping names. */
interface PathUse {
  readonly path: string;
  /** Path of the array in whose elements it is looked for; undefined: in the row. */
  readonly each: string | undefined;
  /** Times it was looked for, and found. */
  asked: number;
  found: number;
}

/** A list that was taken for one with a part for each item, and is none. */
interface Misaligned {
  readonly column: string;
  readonly partCount: number;
  readonly itemCount: number;
  readonly row: number | undefined;
}

/** What all parts of one mapping share while it is compiled and read by. */
export class Language {
  private readonly missing: ReadonlySet<unknown>;
  private readonly uses = new Map<string, PathUse>();
  /** The array in whose elements what is compiled now is looked for. */
  private each: string | undefined;
  private isLenient = false;
  /** Keys that a table did not have, by table. */
  readonly unmatched = new Tally();

  /**
   * @param missingTexts texts that stand for "no value" beside null and undefined (`source.missing`)
   * @param watch told what becomes of each part; none where a log has no end
   */
  constructor(
    missingTexts: readonly string[] = [''],
    private readonly tables: ReadonlyMap<string, Table> = new Map(),
    readonly watch?: Watch,
  ) {
    this.missing = new Set<unknown>([...missingTexts, null, undefined]);
  }

  readonly isMissing = (value: unknown): boolean => this.missing.has(value);

  /** Set once a condition on each item looked at a list that has not a part for each. */
  misaligned: Misaligned | undefined;

  /** Notes how many parts a condition found beside the items of a list. */
  noteParts({ column = 'the condition' }: Expression, partCount: number, { size, row }: Scope): void {
    if (size !== undefined && size !== partCount) this.misaligned ??= { column, partCount, itemCount: size, row };
  }

  /** Rows of tables that could not be read, by table and reason. */
  tableFaults(): Readonly<Record<string, number>> {
    return Object.assign({}, ...[...this.tables.values()].map(({ faults }) => faults)) as Record<string, number>;
  }

  table(name: string): Table | undefined {
    return this.tables.get(name);
  }

  /** Compiles what is read in the elements of an array; where no path is given, in the row. */
  inEach<T>(path: string | undefined, compile: () => T): T {
    const outer = this.each;
    if (path !== undefined) this.each = outer === undefined ? path : `${outer}[].${path}`;
    try {
      return compile();
    } finally {
      this.each = outer;
    }
  }

  /** Compiles a rule; of one that may come to nothing, it is no mistake when no row has its paths. */
  inRule<T>({ optional }: { readonly optional: boolean }, compile: () => T): T {
    this.isLenient = optional;
    try {
      return compile();
    } finally {
      this.isLenient = false;
    }
  }

  /** @param mayLack true: it is no mistake when no row has it */
  path(path: string, mayLack = false): Reader {
    const read = compilePath(path);
    if (mayLack || this.isLenient || path.startsWith('$')) return read;
    const each = path.startsWith('/') ? undefined : this.each;
    const key = JSON.stringify([each, path]);
    const use = this.uses.get(key) ?? { path, each, asked: 0, found: 0 };
    this.uses.set(key, use);
    return (scope) => {
      const value = read(scope);
      use.asked++;
      if (value !== undefined) use.found++;
      return value;
    };
  }

  /** Paths that were looked for and never found, each where it was looked for. */
  neverFound(): readonly Pick<PathUse, 'path' | 'each'>[] {
    return [...this.uses.values()].filter(({ asked, found }) => asked > 0 && found === 0);
  }
}

/** Columns that a value needs: of `firstOf` one is enough, of an optional one none. */
export function neededColumns(given: unknown, has: (column: string) => boolean): readonly string[] {
  if (typeof given !== 'object' || given === null) return [];
  if (Array.isArray(given)) return given.flatMap((one) => neededColumns(one, has));
  const { column, template, firstOf, table, optional, ...rest } = given as Expression & Record<string, unknown>;
  if (optional === true || rest.default !== undefined) return [];
  const own = [...(column !== undefined && table === undefined ? [column] : []), ...namesIn(template ?? '')];
  const lacking = (firstOf ?? []).map((one) => neededColumns(one, has).filter((name) => !has(name)));
  const chosen = lacking.some((names) => names.length === 0) ? [] : lacking.flat();
  return [...own, ...chosen, ...Object.values(rest).flatMap((one) => neededColumns(one, has))];
}

/** Columns in the braces of a template. */
function namesIn(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!);
}
