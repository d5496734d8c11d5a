import { displayWidth, padded } from './display-width.js';

/** Rows as text columns, widths taken from the widest cell as a terminal shows it; numbers to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))));
  const widths = head.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => displayWidth(row[column] ?? ''))),
  );
  const isNumeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] !== 'string'));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => padded(cell, widths[column]!, isNumeric[column] === true ? 'start' : 'end'))
      .join('  ')
      .trimEnd();
  return [line(head), ...cells.map(line)].map((text) => `${text}\n`).join('');
}
