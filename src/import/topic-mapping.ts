import { SluiceError } from '../errors.js';
import { compileInteraction } from './compile-interaction.js';
import { compileList } from './compile-list.js';
import { missingTest } from './expression.js';
import type { Mapping } from './mapping-schema.js';
import { rowScope } from './scope.js';

/** Reads the messages of existing topics as lists and interactions, one function a topic. */
export interface TopicMapping {
  /** A message as an impression list; null when `when` leaves it out. The message itself when the mapping has no `impressions`. */
  impressions(value: unknown): unknown;
  /** A message as an interaction, by the first rule it fits; null when it fits none. The message itself without `interactions`. */
  interactions(value: unknown): unknown;
}

/**
 * Compiles a mapping for topics. The functions throw `nested-too-deep` and nothing else: a field that is not there is left out, and cleaning then says
 * which (`missing-field`), so that the message ends in the dead letters with its own bytes.
 * @param path names the mapping in messages
 * @throws SluiceError `mapping-invalid` for what only a file has: `$row`, `perItem` rules
 */
export function compileTopicMapping(mapping: Mapping, path = 'mapping'): TopicMapping {
  const problems = topicProblems(mapping);
  if (problems.length > 0) throw new SluiceError('mapping-invalid', { path, problems: problems.join('; ') });
  const isMissing = missingTest(mapping.source.missing);
  const ignore = (): void => undefined;
  const list = mapping.impressions && compileList(mapping.impressions, isMissing);
  const rules = mapping.interactions?.map((rule) => compileInteraction(rule, mapping.impressions, isMissing));
  return {
    impressions(value) {
      if (!list) return value;
      const scope = rowScope(value);
      if (!list.accepts(scope)) return null;
      return {
        ...list.head(scope, ignore),
        items: list.items(scope, ignore).map(({ item }) => ({ position: 1, ...item })),
      };
    },
    interactions(value) {
      if (!rules) return value;
      const scope = rowScope(value);
      const rule = rules.find(({ accepts }) => accepts(scope));
      if (!rule) return null;
      const drafts = rule.scopes(scope).map((one) => rule.read(one, undefined, undefined, ignore));
      const [draft = rule.read(scope, undefined, undefined, ignore)] = drafts;
      // A message is one interaction: cleaning refuses several ids, and says so.
      return drafts.length > 1 ? { ...draft, itemId: drafts.map(({ itemId }) => itemId) } : draft;
    },
  };
}

function topicProblems(mapping: Mapping): string[] {
  const problems: string[] = [];
  if (JSON.stringify(mapping).includes('$row'))
    problems.push('$row numbers the rows of a file; a message has no such number');
  mapping.interactions?.forEach((rule, at) => {
    if (rule.perItem)
      problems.push(`interactions.${at}.perItem: a message of the interactions topic is one interaction`);
    else if (rule.itemId === undefined)
      problems.push(`interactions.${at}.itemId: required of a topic, where no list of its own stands beside it`);
  });
  return problems;
}
