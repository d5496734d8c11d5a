/** CSV (RFC 4180) from JSON objects that share their fields. `features` and `carried` spread into columns, text vectors stay out. */

type Fields = Readonly<Record<string, unknown>>;

/** A column: the field it shows, or one number of `features`. */
interface CsvColumn {
  readonly name: string;
  readonly read: (fields: Fields) => unknown;
}

/**
 * The columns of records like this one, in its order, and behind them those of the carried fields.
 * @param carried paths of carried fields beside those that this record has: earlier records may lack them
 */
export function csvColumns(
  first: Fields,
  featureNames: readonly string[],
  carried: readonly string[] = [],
): readonly CsvColumn[] {
  const paths = new Set([...Object.keys((first['carried'] as Fields | null | undefined) ?? {}), ...carried]);
  const own = [...paths].map((path): CsvColumn => ({
    name: `carried.${path}`,
    read: (fields) => (fields['carried'] as Fields | null | undefined)?.[path],
  }));
  const ofRecord = Object.entries(first).flatMap(([name, value]): CsvColumn[] => {
    if (name === 'embeddings') return [];
    if (name === 'carried') return [];
    if (name !== 'features' || !Array.isArray(value)) return [{ name, read: (fields) => fields[name] }];
    return value.map((_, index) => ({
      name: featureNames[index] ?? `feature.${index}`,
      read: (fields) => (fields['features'] as readonly unknown[])[index],
    }));
  });
  return [...ofRecord, ...own];
}

/** The head line. */
export function csvHead(columns: readonly CsvColumn[]): string {
  return `${columns.map((column) => quoted(column.name)).join(',')}\n`;
}

/** One record as a line; null and missing are empty, objects and lists are JSON. */
export function csvLine(columns: readonly CsvColumn[], fields: Fields): string {
  return `${columns.map((column) => cell(column.read(fields))).join(',')}\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
