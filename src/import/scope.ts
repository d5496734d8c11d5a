/** What expressions look at: one row of a file, or one message of a topic. */
export interface Scope {
  /** The row or message. */
  readonly root: unknown;
  /** The list element that is looked at; the root itself outside `items.each`. */
  readonly element: unknown;
  /** Index of the item in its list, from 0. */
  readonly index: number;
  /** Number of the row in its file, from 1; undefined for messages. */
  readonly row: number | undefined;
}

/** The scope of a whole row. */
export function rowScope(root: unknown, row?: number): Scope {
  return { root, element: root, index: 0, row };
}

/**
 * Compiles a column name or path into a reader. A field of exactly that name wins; else `a.b[0].c` walks into nested
 * values. A leading `/` starts at the whole row instead of the list element. `$row`, `$index` (from 0) and `$position`
 * (from 1) are numbers. Missing fields are undefined.
 */
export function compilePath(path: string): (scope: Scope) => unknown {
  if (path === '$row') return (scope) => scope.row;
  if (path === '$index') return (scope) => scope.index;
  if (path === '$position') return (scope) => scope.index + 1;
  if (path.startsWith('/')) {
    const read = compileWalk(path.slice(1));
    return (scope) => read(scope.root);
  }
  const read = compileWalk(path);
  return (scope) => read(scope.element);
}

function compileWalk(path: string): (source: unknown) => unknown {
  const segments = path.split(/[.[\]]+/).filter((segment) => segment !== '');
  return (source) => {
    const whole = fieldOf(source, path);
    if (whole !== undefined || segments.length < 2) return whole;
    let value = source;
    for (const segment of segments) value = fieldOf(value, segment);
    return value;
  };
}

function fieldOf(source: unknown, name: string): unknown {
  if (source === null || typeof source !== 'object' || !Object.hasOwn(source, name)) return undefined;
  return (source as Record<string, unknown>)[name];
}
