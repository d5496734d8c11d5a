import { opaqueId } from '../events/opaque-id.js';
import { compileCondition } from './condition.js';
import { compileEach, withMap, type ReadList } from './compile-list.js';
import { compileExpression } from './expression.js';
import { compileFields, compileTextMap, fill, type Draft, type FieldReader, type Notes } from './fields.js';
import type { Language } from './language.js';
import type { ImpressionsMapping, InteractionMapping } from './mapping-schema.js';
import type { Scope } from './scope.js';

/**
 * One rule of the `interactions` section, compiled: the interactions that it makes of a row and the lists that the row
 * makes. What the rule does not give comes from the row's own list and item, the time `delayMs` after the list; without a
 * list of its own, time, session and user come from the list's expressions.
 */
export type InteractionReader = (scope: Scope, lists: readonly ReadList[], notes: Notes) => readonly Draft[];

const KINDS = {
  interactionId: 'id',
  eventTimeMs: 'time',
  type: 'type',
  sessionId: 'id',
  userId: 'id',
  itemId: 'id',
  requestId: 'id',
  impressionId: 'id',
  value: 'number',
  dwellMs: 'number',
} as const;
const INHERITED_KINDS = { eventTimeMs: 'time', sessionId: 'id', userId: 'id' } as const;

/** Compiles a rule. Readers throw what {@link Notes} throw: fields that are not there are left out of the draft. */
export function compileInteraction(
  given: InteractionMapping,
  impressions: ImpressionsMapping | undefined,
  language: Language,
): InteractionReader {
  const itemId = given.itemId && { ...given.itemId, json: true };
  const ownKey = itemId ?? impressions?.items.itemId;
  const scopesOf = compileEach(given.each, language);
  const inherited = compileInherited(impressions, language);
  const place = { isParallel: true, ownKey };
  const { accepts, ids, own, context } = language.inEach(given.each, () => ({
    accepts: compileCondition(given.when, language, ownKey),
    ids: itemId && compileExpression(itemId, language),
    own: compileFields(KINDS, { ...given, itemId }, language, place),
    context: compileTextMap(given.context, given.contextColumns, language, place),
  }));
  const read = (scope: Scope, list: Draft | undefined, item: Draft | undefined, notes: Notes, row = scope): Draft => {
    // What the elements lack of `each` stands beside their array.
    const base = list
      ? fromList(list, item, given.delayMs)
      : { ...(row === scope ? {} : fill({}, inherited, row, QUIET)), ...fill({}, inherited, scope, QUIET) };
    return finished(base, own, context, scope, notes);
  };
  if (given.perItem) {
    return (_, lists, notes) =>
      lists.flatMap(({ head, items }) =>
        items.filter(({ scope }) => accepts(scope)).map(({ scope, item }) => read(scope, head, item, notes)),
      );
  }
  return (row, lists, notes) => {
    const [list] = lists.length === 1 ? lists : [];
    const only = list?.isPart === true ? list.items[0]?.item : undefined;
    return scopesOf(row)
      .filter(accepts)
      .flatMap((scope) => clickedScopes(scope, ids?.(scope), ids !== undefined && list !== undefined && !list.isPart))
      .map((scope) => read(scope, list?.head, only, notes, row));
  };
}

/** Readers of what a row without a list has of one; where it has not, its interaction is counted as lacking the field. */
function compileInherited(impressions: ImpressionsMapping | undefined, language: Language): readonly FieldReader[] {
  if (impressions === undefined) return [];
  const names = Object.keys(INHERITED_KINDS) as (keyof typeof INHERITED_KINDS)[];
  const mayLack = Object.fromEntries(
    names.flatMap((name) => {
      const expression = impressions[name];
      return expression === undefined ? [] : [[name, { ...expression, optional: true }]];
    }),
  );
  return compileFields(INHERITED_KINDS, mayLack, language, { isParallel: false });
}

const QUIET: Notes = { ignored: () => undefined, whole: () => undefined, otherWord: () => undefined };

/**
 * One scope for each item that a rule names: a list of clicked ids is as many clicks.
 * @param mayBeNone true beside a list: that nothing of it was clicked is no mistake
 */
function clickedScopes(scope: Scope, ids: unknown, mayBeNone: boolean): readonly Scope[] {
  if (mayBeNone && ids === undefined) return [];
  if (!Array.isArray(ids)) return [scope];
  const named = ids.flatMap((id: unknown, index) => (id === undefined || id === null ? [] : [{ ...scope, index }]));
  return named.length > 0 || mayBeNone ? named : [scope];
}

function finished(
  base: Draft,
  own: readonly FieldReader[],
  context: (scope: Scope) => Record<string, string> | undefined,
  scope: Scope,
  notes: Notes,
): Draft {
  const ownNames = new Set(own.map(({ name }) => name));
  // A rule that names a field means that field, even where its value is missing.
  const draft: Draft = Object.fromEntries(Object.entries(base).filter(([name]) => !ownNames.has(name)));
  withMap(fill(draft, own, scope, notes), 'context', context(scope));
  const id = draft['interactionId'] ?? derivedId(draft);
  return id === undefined ? draft : { ...draft, interactionId: id };
}

function fromList(list: Draft, item: Draft | undefined, delayMs: number): Draft {
  const draft: Draft = {};
  for (const name of ['requestId', 'sessionId', 'userId']) if (list[name] !== undefined) draft[name] = list[name];
  for (const name of ['itemId', 'impressionId']) if (item?.[name] !== undefined) draft[name] = item[name];
  if (typeof list['eventTimeMs'] === 'number') draft['eventTimeMs'] = list['eventTimeMs'] + delayMs;
  return draft;
}

/**
 * The same event gets the same id wherever it is read again; undefined when a part of it is missing. Late interactions
 * carry their id out of the processor, so it never shows the session.
 */
function derivedId({ type, requestId, sessionId, itemId, eventTimeMs }: Draft): string | undefined {
  const parts = [type, requestId ?? sessionId, itemId, eventTimeMs];
  if (parts.includes(undefined)) return undefined;
  return requestId === undefined ? opaqueId(...parts.map(String)) : parts.join(':');
}
