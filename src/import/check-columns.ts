import { suggestion } from '../config/nearest.js';
import { SluiceError } from '../errors.js';
import { WORDS } from './fields.js';
import { neededColumns, type Language } from './language.js';
import type { Mapping } from './mapping-schema.js';
import type { Outcome } from './outcome.js';
import { compilePath, firstName, rowScope } from './scope.js';

/**
 * Checks that the columns which a mapping names stand in the header of its log; of `firstOf` one is enough. A path into a
 * cell that is JSON begins with a column; names inside `each` are those of elements, which {@link checkPaths} sees.
 * @param row the first row, all its columns by name
 * @param repeatedNames names that the header has twice
 * @throws SluiceError `mapping-invalid` with every column that is not there, or there twice, the nearest name and what the
 *   row holds
 */
export function checkColumns(
  { source, impressions = [], interactions = [] }: Mapping,
  mappingPath: string,
  row: Readonly<Record<string, unknown>>,
  repeatedNames: readonly string[] = [],
): void {
  if (source.recordType) return;
  const names = [...Object.keys(row), ...source.fillDown];
  const known = new Set(names);
  const has = (column: string): boolean =>
    column.startsWith('$') ||
    column.startsWith('..') ||
    known.has(column) ||
    known.has(column.replace(/^\//, '')) ||
    known.has(firstName(column));
  const flat = [
    ...impressions.map(({ items, ...list }) =>
      list.each === undefined ? [list, items.each === undefined ? items : []] : [],
    ),
    ...interactions.map((rule) => {
      const isNested = rule.each !== undefined || (rule.perItem && impressions.some(isNestedList));
      return isNested ? [] : [rule];
    }),
  ];
  const needed = neededColumns(flat, has);
  const missing = new Set(needed.filter((column) => !has(column)));
  const doubled = repeatedNames.filter((name) => needed.some((column) => firstName(column) === name));
  const header = headerFault(names);
  fail(
    mappingPath,
    [
      ...[...missing].map(
        (column) =>
          `the log has no column ${JSON.stringify(column)}.${header === undefined ? hint(column, names) : suggestion(column, names)}`,
      ),
      ...doubled.map((name) => `the header has ${JSON.stringify(name)} twice; name the columns in source.header`),
    ],
    row,
    header,
  );
}

/** What is wrong with a header as a whole, so that no name of it can be right. */
function headerFault(names: readonly string[]): string | undefined {
  if (names.some((name) => name.includes('\uFFFD')))
    return 'its header is not UTF-8: name its encoding in source.encoding, such as gb18030';
  const [only] = names;
  const delimiter = names.length === 1 ? /[;\t|,]/.exec(only!)?.[0] : undefined;
  return delimiter === undefined
    ? undefined
    : `its header is one column, ${JSON.stringify(only)}: is source.delimiter ${JSON.stringify(delimiter)}?`;
}

function isNestedList({ each, items }: NonNullable<Mapping['impressions']>[number]): boolean {
  return each !== undefined || items.each !== undefined;
}

/**
 * Checks, after the last row, that each path which was looked for was found at least once.
 * @param names fields of the first rows
 * @throws SluiceError `mapping-invalid` with every path that no row has, the nearest name and what the first row holds
 */
export function checkPaths(language: Language, mappingPath: string, names: Iterable<string>, row: unknown): void {
  const known = [...names];
  const problems = language.neverFound().map(({ path, each }) => {
    const where = each === undefined ? 'no row' : `no element of ${JSON.stringify(each)}`;
    const inRow = each === undefined ? undefined : rowScope(row);
    const isInRow = inRow !== undefined && compilePath(path)(inRow) !== undefined;
    const way = isInRow ? ` The row has it: write /${path}.` : hint(path.replace(/^(?:\/|(?:\.\.\/)+)/, ''), known);
    return `${where} has ${JSON.stringify(path)}.${way} If it may be absent, write { column: ${path}, optional: true }`;
  });
  fail(mappingPath, problems, row);
}

/** @throws SluiceError `mapping-invalid` with every part of the mapping that came to nothing though it must not */
export function checkOutcome({ problems }: Outcome, mappingPath: string, row: unknown): void {
  fail(mappingPath, [...problems], row);
}

/** The nearest name; where there is none a text may have been meant. */
function hint(column: string, names: readonly string[]): string {
  const word = Object.values(WORDS)
    .flat()
    .find((one) => one === column.trim().replaceAll(/[ -]/g, '_').toUpperCase());
  if (word !== undefined) return ` Did you mean the word ${word}?`;
  const near = suggestion(column, names);
  return near === '' && /^[\p{L}\p{N} -]+$/u.test(column)
    ? ` Where it is the text itself, write { constant: ${column} }.`
    : near;
}

function fail(mappingPath: string, problems: string[], row: unknown, first?: string): void {
  if (problems.length === 0) return;
  throw new SluiceError('mapping-invalid', {
    path: mappingPath,
    problems: [...(first === undefined ? [] : [first]), ...problems, `row 1 is ${shownRow(row)}`].join('; '),
  });
}

/** A row as a message may show it: the beginning of each value, and not much of all. */
export function shownRow(row: unknown): string {
  const shown = Object.entries(row ?? {}).map(
    ([name, value]) => `${name}=${(JSON.stringify(value) ?? '').slice(0, 40)}`,
  );
  return shown.join(', ').slice(0, 400);
}
