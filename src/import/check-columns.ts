import { suggestion } from '../config/nearest.js';
import { SluiceError } from '../errors.js';
import type { Mapping } from './mapping-schema.js';

/**
 * Checks that the columns which a mapping names stand in the header of its log; of `firstOf` one is enough.
 * @param row the first row, all its columns by name
 * @throws SluiceError `mapping-invalid` with every column that is not there, the nearest name and what the row holds
 */
export function checkColumns(mapping: Mapping, mappingPath: string, row: Readonly<Record<string, string>>): void {
  const names = Object.keys(row);
  const known = new Set(names);
  const problems = [...new Set(missingIn(mapping, known))].map(
    (column) => `the log has no column ${JSON.stringify(column)}.${suggestion(column, names)}`,
  );
  if (problems.length === 0) return;
  const shown = names.map((name) => `${name}=${JSON.stringify(row[name]!.slice(0, 20))}`).join(', ');
  problems.push(`row 1 is ${shown.slice(0, 400)}`);
  throw new SluiceError('mapping-invalid', { path: mappingPath, problems: problems.join('; ') });
}

function missingIn(given: unknown, known: ReadonlySet<string>): string[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    if (name === 'column') return absent([String(value)], known);
    if (name === 'template') return absent(namesIn(String(value)), known);
    if (name === 'firstOf') {
      const all = (value as string[]).flatMap((text) => (text.includes('{') ? namesIn(text) : [text]));
      const missing = absent(all, known);
      return missing.length === all.length ? missing : [];
    }
    return missingIn(value, known);
  });
}

function namesIn(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!);
}

function absent(columns: readonly string[], known: ReadonlySet<string>): string[] {
  return columns.filter((column) => !column.startsWith('$') && !known.has(column.replace(/^\//, '')));
}
