/** Fields of a record that no schema of ours names, moved where the features can see them. */
export type Fields = Record<string, unknown>;

/**
 * Copies scalar fields that the schema does not name into `context` as text, so that a producer's extra field is never
 * fatal and never lost. A key that `context` has already stays as sent; nested values (objects, arrays) are left where
 * they are, unread. Changes `record` only when there is such a field, and replaces its context rather than editing it.
 */
export function keepUnknownFields(record: Fields, known: ReadonlySet<string>): void {
  let unknown: string[] | undefined;
  for (const name in record) {
    if (!known.has(name)) (unknown ??= []).push(name);
  }
  if (unknown !== undefined) moveToContext(record, unknown);
}

/** Copies the named fields into `context` as {@link keepUnknownFields} does. */
export function moveToContext(record: Fields, names: readonly string[]): void {
  const given = record['context'];
  if (given !== null && given !== undefined && (typeof given !== 'object' || Array.isArray(given))) return;
  const kept = new Map<string, string>();
  for (const name of names) {
    const text = scalarText(record[name]);
    if (text !== undefined) kept.set(name, text);
  }
  if (kept.size > 0) record['context'] = { ...Object.fromEntries(kept), ...given };
}

function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return `${value}`;
    default:
      return undefined;
  }
}
