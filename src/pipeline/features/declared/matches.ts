import type { DeclaredMatch } from '../../../config/declared-schema.js';
import { matchedTexts } from '../../declared.js';
import { type Definition, part } from '../definitions.js';
import { Filled } from '../values.js';
import { wordCounts } from './word-counts.js';

/** A feature that compares two texts of an item; missing where one has no words. */
export function matchColumn(feature: DeclaredMatch, at: number): Definition {
  if (feature.by === 'bm25') return part(wordCounts(feature, at), 'score');
  const compare = feature.by === 'covered' ? covered : likeness;
  return part(
    (builder) => ({
      values: () =>
        builder.add(
          new Filled((values, count, { items }) => {
            // What is looked for is the same for a whole list as a rule.
            let last: readonly string[] | null = null;
            let sought: ReadonlySet<string> = new Set();
            for (let i = 0; i < count; i++) {
              const [text, query] = matchedTexts(items[i]!, at);
              if (query && query !== last) sought = new Set((last = query));
              values[i] = text && query ? compare(sought, new Set(text)) : NaN;
            }
          }),
        ),
    }),
    'likeness',
  );
}

/** What two sets share over what either has (Jaccard). */
function likeness(sought: ReadonlySet<string>, text: ReadonlySet<string>): number {
  const common = sharedBy(sought, text);
  return common / (sought.size + text.size - common);
}

function covered(sought: ReadonlySet<string>, text: ReadonlySet<string>): number {
  return sharedBy(sought, text) / sought.size;
}

function sharedBy(sought: ReadonlySet<string>, text: ReadonlySet<string>): number {
  let common = 0;
  for (const word of sought) if (text.has(word)) common++;
  return common;
}
