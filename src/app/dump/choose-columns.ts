import { suggestion } from '../../config/nearest.js';
import { SluiceError } from '../../errors.js';

/**
 * The columns that some patterns name, in the order of the patterns; `*` stands for any text, and no pattern means all.
 * @throws column-unknown for a pattern that names none
 */
export function chooseColumns<Column extends { readonly name: string }>(
  columns: readonly Column[],
  patterns: readonly string[] | undefined,
): readonly Column[] {
  if (patterns === undefined) return columns;
  const chosen = new Set<Column>();
  for (const pattern of patterns) {
    const test = matcher(pattern);
    const found = columns.filter(({ name }) => test(name));
    if (found.length === 0) {
      const names = columns.map(({ name }) => name);
      throw new SluiceError('column-unknown', { column: pattern, near: suggestion(pattern, names) });
    }
    for (const column of found) chosen.add(column);
  }
  return [...chosen];
}

function matcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern;
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return (name) => expression.test(name);
}
