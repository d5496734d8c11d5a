import { SluiceError } from '../errors.js';
import { NO_NOTES, type Draft } from './fields.js';
import { Language } from './language.js';
import type { Mapping } from './mapping-schema.js';
import { compileRows } from './read-row.js';
import { rowScope } from './scope.js';

/** Reads the messages of existing topics as lists and interactions, one function an input. */
export interface TopicMapping {
  /** The impression lists of a message; none when no rule fits. The message itself when the mapping has no `impressions`. */
  impressions(value: unknown): readonly unknown[];
  /** The interactions of a message; none when no rule fits. The message itself without `interactions`. */
  interactions(value: unknown): readonly unknown[];
}

/**
 * Compiles a mapping for topics. The functions throw `nested-too-deep` and nothing else: a field that is not there is left
 * out, and cleaning then says which (`missing-field`), so that the message ends in the dead letters with its own bytes.
 * @param path names the mapping in messages
 * @param isOneTopic true when both inputs are one topic: its messages may hold a list and what was done with it
 * @throws SluiceError `mapping-invalid` for what only a file has (`$row`, `tables`, `source` beside `missing`), and for
 *   `perItem` rules where the lists are in another topic
 */
export function compileTopicMapping(mapping: Mapping, path = 'mapping', isOneTopic = false): TopicMapping {
  const problems = topicProblems(mapping, isOneTopic);
  if (problems.length > 0) throw new SluiceError('mapping-invalid', { path, problems: problems.join('; ') });
  const rows = compileRows(mapping, new Language(mapping.source.missing));
  return {
    impressions(value) {
      if (!mapping.impressions) return [value];
      return rows.lists(rowScope(value), NO_NOTES).map(({ head, items }) => ({
        ...head,
        items: items.map(({ item }): Draft => ({ position: 1, ...item })),
      }));
    },
    interactions(value) {
      if (!mapping.interactions) return isOneTopic ? [] : [value];
      const scope = rowScope(value);
      const lists = isOneTopic ? rows.lists(scope, NO_NOTES) : [];
      return rows.interactions(scope, lists, NO_NOTES).map(({ draft }) => draft);
    },
  };
}

function topicProblems(mapping: Mapping, isOneTopic: boolean): string[] {
  const problems: string[] = [];
  if (JSON.stringify(mapping).includes('$row'))
    problems.push('$row numbers the rows of a file; a message has no such number');
  if (Object.keys(mapping.tables).length > 0) problems.push('tables are for files; a topic has no second file');
  if (isOneTopic && !mapping.impressions)
    problems.push('impressions: required where both inputs are one topic, so that a message is told from another');
  mapping.interactions?.forEach((rule, at) => {
    if (isOneTopic) return;
    if (rule.perItem)
      problems.push(
        `interactions.${at}.perItem: a message of the interactions topic has no list; where lists hold their own clicks, give both inputs one topic (topics.names)`,
      );
    else if (rule.itemId === undefined)
      problems.push(`interactions.${at}.itemId: required of a topic, where no list of its own stands beside it`);
  });
  return problems;
}
