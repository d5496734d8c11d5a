import { opaqueId } from '../events/opaque-id.js';
import { compileCondition, compileExpression, type IsMissing } from './expression.js';
import { compileFields, compileTextMap, fill, type Draft, type OnIgnored } from './fields.js';
import { withMap } from './compile-list.js';
import type { ImpressionsMapping, InteractionMapping } from './mapping-schema.js';
import type { Scope } from './scope.js';

/** One rule of the `interactions` section, compiled. */
export interface InteractionReader {
  readonly isPerItem: boolean;
  accepts(scope: Scope): boolean;
  /** One scope for each item that the rule names: a list of clicked ids is as many clicks. */
  scopes(scope: Scope): readonly Scope[];
  /**
   * Makes the interaction. What the rule does not give comes from the row's own list and item, the time `delayMs` after
   * the list; without a list of its own, time, session and user come from the list's expressions.
   */
  read(scope: Scope, list: Draft | undefined, item: Draft | undefined, onIgnored: OnIgnored): Draft;
}

const KINDS = {
  interactionId: 'text',
  eventTimeMs: 'time',
  type: 'text',
  sessionId: 'text',
  userId: 'text',
  itemId: 'text',
  requestId: 'text',
  impressionId: 'text',
  value: 'number',
  dwellMs: 'number',
} as const;
const INHERITED_KINDS = { eventTimeMs: 'time', sessionId: 'text', userId: 'text' } as const;

/** Compiles a rule. Readers never throw: fields that are not there are left out of the draft. */
export function compileInteraction(
  given: InteractionMapping,
  impressions: ImpressionsMapping | undefined,
  isMissing: IsMissing,
): InteractionReader {
  const itemId = given.itemId && { ...given.itemId, json: true };
  const own = compileFields(KINDS, { ...given, itemId }, isMissing);
  const ids = itemId && compileExpression(itemId, isMissing);
  const ownNames = new Set(own.map(({ name }) => name));
  const inherited = impressions ? compileFields(INHERITED_KINDS, impressions, isMissing) : [];
  const context = compileTextMap(given.context, given.contextColumns, isMissing);
  return {
    isPerItem: given.perItem,
    accepts: compileCondition(given.when, isMissing),
    scopes(scope) {
      const found = given.perItem ? undefined : ids?.(scope);
      return Array.isArray(found) ? found.map((_, index) => ({ ...scope, index })) : [scope];
    },
    read(scope, list, item, onIgnored) {
      const found = list ? fromList(list, item, given.delayMs) : fill({}, inherited, scope, () => undefined);
      // A rule that names a field means that field, even where its value is missing.
      const draft: Draft = Object.fromEntries(Object.entries(found).filter(([name]) => !ownNames.has(name)));
      withMap(fill(draft, own, scope, onIgnored), 'context', context(scope));
      const id = draft['interactionId'] ?? derivedId(draft);
      return id === undefined ? draft : { ...draft, interactionId: id };
    },
  };
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
