import type { NamedVector } from '../events/words.js';
import { compileCondition, compileExpression, toNumber, type IsMissing } from './expression.js';
import { compileFields, compileTextMap, fill, type Draft, type OnIgnored } from './fields.js';
import type { ImpressionsMapping, ItemsMapping } from './mapping-schema.js';
import { compilePath, type Scope } from './scope.js';

/** An item that a row holds, and the scope to read more about it. */
export interface ReadItem {
  readonly scope: Scope;
  readonly item: Draft;
}

/** The `impressions` section, compiled. */
export interface ListReader {
  /** True when the row makes (part of) a list. */
  accepts(scope: Scope): boolean;
  /** The list's own fields, without items. */
  head(scope: Scope, onIgnored: OnIgnored): Draft;
  /** The row's items in order: one, or as many as the row lists. */
  items(scope: Scope, onIgnored: OnIgnored): readonly ReadItem[];
}

const HEAD_KINDS = {
  requestId: 'text',
  eventTimeMs: 'time',
  surface: 'text',
  sessionId: 'text',
  userId: 'text',
  query: 'text',
} as const;
const ITEM_KINDS = {
  itemId: 'text',
  position: 'number',
  impressionId: 'text',
  title: 'text',
  category: 'text',
  price: 'number',
  currency: 'text',
  description: 'text',
  propensity: 'number',
} as const;

/** Compiles the `impressions` section. Readers never throw: fields that are not there are left out of the draft. */
export function compileList(given: ImpressionsMapping, isMissing: IsMissing): ListReader {
  const accepts = compileCondition(given.when, isMissing);
  const fields = compileFields(HEAD_KINDS, given, isMissing);
  const context = compileTextMap(given.context, given.contextColumns, isMissing);
  const scopesOf =
    given.shape === 'row-per-list' ? compileItemScopes(given.items, isMissing) : (scope: Scope) => [scope];
  const itemOf = compileItem(given.items, given.shape === 'row-per-list', isMissing);
  return {
    accepts,
    head: (scope, onIgnored) => withMap(fill({}, fields, scope, onIgnored), 'context', context(scope)),
    items: (scope, onIgnored) =>
      scopesOf(scope).map((itemScope) => ({ scope: itemScope, item: itemOf(itemScope, onIgnored) })),
  };
}

/** How a row's items are found: the elements of `each`, else the parts of the split `itemId`. */
function compileItemScopes(given: ItemsMapping, isMissing: IsMissing): (scope: Scope) => readonly Scope[] {
  if (given.each !== undefined) {
    const each = compilePath(given.each);
    return (scope) => asArray(each(scope)).map((element, index) => ({ ...scope, element, index }));
  }
  const ids = compileExpression({ ...given.itemId, json: true }, isMissing);
  return (scope) => asArray(ids(scope)).map((_, index) => ({ ...scope, index }));
}

function asArray(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function compileItem(
  given: ItemsMapping,
  isNumbered: boolean,
  isMissing: IsMissing,
): (scope: Scope, onIgnored: OnIgnored) => Draft {
  // Ids in a cell may be a JSON array, whether the mapping says so or not.
  const itemId = { ...given.itemId, json: true };
  const fields = compileFields(ITEM_KINDS, { ...given, itemId }, isMissing);
  const attributes = compileTextMap(given.attributes, given.attributeColumns, isMissing);
  const vectors = Object.entries(given.vectors).map(([name, expression]) => ({
    name,
    read: compileExpression(expression, isMissing),
  }));
  return (scope, onIgnored) => {
    const item = withMap(fill({}, fields, scope, onIgnored), 'attributes', attributes(scope));
    if (item['position'] === undefined && given.position === undefined && isNumbered)
      item['position'] = scope.index + 1;
    const found = vectors.flatMap(({ name, read }): NamedVector[] => {
      const value = read(scope);
      if (value === undefined) return [];
      const values = asArray(value).map(toNumber);
      if (values.every((part) => part !== undefined)) return [{ name, values }];
      onIgnored(`vectors.${name}`);
      return [];
    });
    if (found.length > 0) item['vectors'] = found;
    return item;
  };
}

/** Adds a map of texts when it has any. */
export function withMap(draft: Draft, name: string, map: Record<string, string> | undefined): Draft {
  if (map) draft[name] = map;
  return draft;
}
