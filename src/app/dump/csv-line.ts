/** CSV (RFC 4180). */

/** The head line. */
export function csvHead(names: readonly string[]): string {
  return `${names.map(quoted).join(',')}\n`;
}

/** One row as a line; null and missing are empty, objects and lists are JSON. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cellText).join(',')}\n`;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
