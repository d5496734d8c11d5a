type Raw = Readonly<Record<string, unknown>>;

/** Finds a value in a message: of the list, or of one of its items. undefined: it is not there. */
export type Look = (list: object, item: object) => unknown;

/**
 * Compiles a path into a message. `items.…` begins at the item, anything else at the list. A step into a list of
 * `{ name, values }`, as vectors come, takes the values of the one with that name; a map of vectors, of names to numbers or
 * to `{ values }` (Protobuf has no map of lists), those under the name.
 */
export function compileMessagePath(path: string): Look {
  const segments = path.split('.');
  const ofItem = segments[0] === 'items';
  const steps = ofItem ? segments.slice(1) : segments;
  const ofVectors = steps.at(-2) === 'vectors';
  return (list, item) => {
    let value: unknown = ofItem ? item : list;
    for (const step of steps) value = stepInto(value, step);
    return ofVectors ? valuesIn(value) : value;
  };
}

function stepInto(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    const named = value.find((entry): entry is Raw => (entry as Partial<Raw> | null)?.['name'] === name);
    return named?.['values'];
  }
  return Object.hasOwn(value, name) ? (value as Raw)[name] : undefined;
}

function valuesIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Array.isArray((value as Raw)['values']) ? (value as Raw)['values'] : value;
}
