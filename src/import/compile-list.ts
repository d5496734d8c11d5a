import type { NamedVector } from '../events/words.js';
import { compileCondition } from './condition.js';
import type { Expression } from './expression-schema.js';
import { compileExpression } from './expression.js';
import { compileFields, compileTextMap, counted, fill, type Draft, type Notes } from './fields.js';
import type { Language, Reader } from './language.js';
import type { ImpressionsMapping, ItemsMapping } from './mapping-schema.js';
import { elementScope, type Scope } from './scope.js';
import { toNumber } from './text.js';

/** An item that a row holds, and the scope to read more about it. */
export interface ReadItem {
  readonly scope: Scope;
  readonly item: Draft;
}

/** A list, or a part of one, that a row holds. */
export interface ReadList {
  /** The list's own fields, without items. */
  readonly head: Draft;
  /** Its items in order: one, or as many as the row lists. */
  readonly items: readonly ReadItem[];
  /** True where rows with the same request id make one list. */
  readonly isPart: boolean;
  /** Number of the rule that made it. */
  readonly rule: number;
}

/** One rule of the `impressions` section, compiled: the lists that a row makes. */
export type ListReader = (scope: Scope, notes: Notes) => readonly ReadList[];

const HEAD_KINDS = {
  requestId: 'id',
  eventTimeMs: 'time',
  surface: 'surface',
  sessionId: 'id',
  userId: 'id',
  query: 'text',
} as const;
const ITEM_KINDS = {
  itemId: 'id',
  position: 'number',
  impressionId: 'id',
  title: 'text',
  category: 'text',
  price: 'number',
  currency: 'text',
  description: 'text',
  propensity: 'number',
  samplingRate: 'number',
  negativeSamplingRate: 'number',
} as const;

/** Compiles a rule for lists. Readers throw what {@link Notes} throw: fields that are not there are left out of the draft. */
export function compileList(given: ImpressionsMapping, language: Language, rule = 0): ListReader {
  const isPart = given.shape === 'row-per-impression';
  const scopesOf = compileEach(given.each, language);
  const { accepts, fields, context, vectors, itemScopes, itemOf } = language.inEach(given.each, () => ({
    accepts: compileCondition(given.when, language),
    fields: compileFields(HEAD_KINDS, given, language, { isParallel: false }),
    context: compileTextMap(given.context, given.contextColumns, language, { isParallel: false }),
    vectors: compileVectors(given.vectors, language),
    itemScopes: isPart ? (scope: Scope) => [scope] : compileItemScopes(given.items, language),
    itemOf: language.inEach(given.items.each, () => compileItem(given.items, !isPart, language)),
  }));
  return (row, notes) =>
    scopesOf(row).flatMap((scope) =>
      accepts(scope)
        ? {
            head: withVectors(
              withMap(fill({}, fields, scope, notes), 'context', context(scope)),
              vectors(scope, notes),
            ),
            items: itemScopes(scope).map((one) => ({ scope: one, item: itemOf(one, notes) })),
            isPart,
            rule,
          }
        : [],
    );
}

/** The elements of an array of the row, or the row itself where no path is given. */
export function compileEach(path: string | undefined, language: Language): (scope: Scope) => readonly Scope[] {
  if (path === undefined) return (scope) => [scope];
  const read = language.path(path);
  return (scope) => elementsOf(read(scope)).map((element, index) => elementScope(scope, element, index));
}

/** How a list's items are found: the elements of `each`, else the parts of the split `itemId`. */
function compileItemScopes(given: ItemsMapping, language: Language): (scope: Scope) => readonly Scope[] {
  if (given.each !== undefined) return compileEach(given.each, language);
  const ids = compileExpression({ ...given.itemId, json: true }, language);
  return (scope) => {
    const found = elementsOf(ids(scope));
    return found.map((_, index) => ({ ...scope, index, size: found.length }));
  };
}

function elementsOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function compileItem(
  given: ItemsMapping,
  isNumbered: boolean,
  language: Language,
): (scope: Scope, notes: Notes) => Draft {
  // Ids in a cell may be a JSON array, whether the mapping says so or not.
  const itemId = isNumbered ? { ...given.itemId, json: true } : given.itemId;
  const place = { isParallel: isNumbered && given.each === undefined, ownKey: itemId };
  const fields = compileFields(ITEM_KINDS, { ...given, itemId }, language, place);
  const attributes = compileTextMap(given.attributes, given.attributeColumns, language, place);
  const vectors = compileVectors(given.vectors, language, itemId);
  return (scope, notes) => {
    const item = withMap(fill({}, fields, scope, notes), 'attributes', attributes(scope));
    if (item['position'] === undefined && given.position === undefined && isNumbered)
      item['position'] = scope.index + 1;
    return withVectors(item, vectors(scope, notes));
  };
}

type ReadVectors = (scope: Scope, notes: Notes) => readonly NamedVector[];

function compileVectors(given: ItemsMapping['vectors'], language: Language, ownKey?: Expression): ReadVectors {
  const vectors = Object.entries(given).map(([name, expression]) => {
    const use = language.watch?.value(expression);
    const value = compileExpression(expression, language, ownKey);
    const read = (scope: Scope, notes: Notes): NamedVector | undefined => vectorOf(name, value, scope, notes);
    return use ? counted(use, read) : read;
  });
  return (scope, notes) => vectors.map((read) => read(scope, notes)).filter((vector) => vector !== undefined);
}

function vectorOf(name: string, read: Reader, scope: Scope, notes: Notes): NamedVector | undefined {
  const value = read(scope);
  if (value === undefined) return undefined;
  const values = elementsOf(value).map(toNumber);
  if (values.every((part) => part !== undefined)) return { name, values };
  notes.ignored(`vectors.${name}`);
  return undefined;
}

function withVectors(draft: Draft, vectors: readonly NamedVector[]): Draft {
  if (vectors.length > 0) draft['vectors'] = vectors;
  return draft;
}

/** Adds a map of texts when it has any. */
export function withMap(draft: Draft, name: string, map: Record<string, string> | undefined): Draft {
  if (map) draft[name] = map;
  return draft;
}
