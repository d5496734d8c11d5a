import { parseCell } from './cell.js';

/** What expressions look at: one row of a file, or one message of a topic. */
export interface Scope {
  /** The row or message. */
  readonly root: unknown;
  /** The list element that is looked at; the root itself outside every `each`. */
  readonly element: unknown;
  /** The scope that the element was found in; undefined: it is the root. */
  readonly outer?: Scope;
  /** Index of the element (or of the part of a split text) in its list, from 0. */
  readonly index: number;
  /** Items of the list, where they are parts of parallel columns; absent elsewhere. */
  readonly size?: number;
  /** Number of the row in its file, from 1; undefined for messages. */
  readonly row: number | undefined;
  /** What the texts of the row hold that are JSON, so that each is parsed once. */
  readonly cells: Map<string, unknown>;
}

/** The scope of a whole row. */
export function rowScope(root: unknown, row?: number): Scope {
  return { root, element: root, index: 0, row, cells: new Map() };
}

/** The scope of an element of a list that stands in another scope. */
export function elementScope(scope: Scope, element: unknown, index: number): Scope {
  return { ...scope, element, index, outer: scope };
}

/**
 * Compiles a column name or path into a reader. A field of exactly that name wins; else `a.b[0].c` walks into nested
 * values and into texts that are JSON. `[key=x]` picks the first element whose `key` is `x`, `[]` takes all elements, so
 * that the result is an array. A leading `/` starts at the whole row instead of the element, `../` at what it stands in.
 * `$row`, `$index` (from 0) and `$position` (from 1) are numbers. Missing fields are undefined.
 */
export function compilePath(path: string): (scope: Scope) => unknown {
  if (path === '$row') return (scope) => scope.row;
  if (path === '$index') return (scope) => scope.index;
  if (path === '$position') return (scope) => scope.index + 1;
  if (path.startsWith('/')) {
    const read = compileWalk(path.slice(1));
    return (scope) => read(scope.root, scope.cells);
  }
  if (path.startsWith('../')) {
    const read = compilePath(path.slice(3));
    return (scope) => (scope.outer ? read(scope.outer) : undefined);
  }
  const read = compileWalk(path);
  return (scope) => read(scope.element, scope.cells);
}

/** The name a path begins with, as it stands in the row: of `a.b[0]` it is `a`. */
export function firstName(path: string): string {
  return /^[^.[]*/.exec(path.replace(/^(?:\/|(?:\.\.\/)+)/, ''))![0];
}

type Step = (value: unknown) => unknown;
type Cells = Map<string, unknown>;

function compileWalk(path: string): (source: unknown, cells: Cells) => unknown {
  const steps = stepsOf(path);
  return (source, cells) => {
    const whole = fieldOf(source, path);
    if (whole !== undefined || steps.length < 2) return whole;
    return walk(source, steps, 0, cells);
  };
}

/** One step of a path; `null` stands for all elements. */
function stepsOf(path: string): readonly (Step | null)[] {
  return [...path.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([text, inside]): Step | null => {
    if (inside === undefined) return (value) => fieldOf(value, text);
    if (inside === '') return null;
    const [, key, wanted] = /^([^=]+)=(.*)$/s.exec(inside) ?? [];
    if (key === undefined) return (value) => fieldOf(value, inside);
    const picked = wanted!.replace(/^(['"])(.*)\1$/s, '$2');
    return (value) =>
      Array.isArray(value) ? value.find((element) => String(fieldOf(element, key) as string) === picked) : undefined;
  });
}

function walk(source: unknown, steps: readonly (Step | null)[], from: number, cells: Cells): unknown {
  let value = source;
  for (let at = from; at < steps.length; at++) {
    if (typeof value === 'string') value = parsedOnce(value, cells);
    const step = steps[at]!;
    if (step) value = step(value);
    else {
      if (!Array.isArray(value)) return undefined;
      const rest = steps.slice(at + 1);
      const found = value.map((element: unknown) => walk(element, rest, 0, cells));
      return rest.includes(null) ? found.flat() : found;
    }
  }
  return value;
}

function parsedOnce(text: string, cells: Cells): unknown {
  if (!cells.has(text)) cells.set(text, parseCell(text));
  return cells.get(text);
}

function fieldOf(source: unknown, name: string): unknown {
  if (source === null || typeof source !== 'object' || !Object.hasOwn(source, name)) return undefined;
  return (source as Record<string, unknown>)[name];
}
