import { compileInteraction } from './compile-interaction.js';
import { compileList, type ReadList } from './compile-list.js';
import type { Draft, Notes } from './fields.js';
import type { Language } from './language.js';
import type { Mapping } from './mapping-schema.js';
import type { Scope } from './scope.js';

/** A mapping, compiled: rows of files and messages of topics are read alike. */
export interface RowReader {
  lists(scope: Scope, notes: Notes): readonly ReadList[];
  /**
   * @param lists those that the row makes
   * @param fitted told the number of each rule that makes an interaction of it
   */
  interactions(
    scope: Scope,
    lists: readonly ReadList[],
    notes: Notes,
    fitted?: (rule: number) => void,
  ): readonly Draft[];
}

/** Compiles a mapping. Every rule that fits a row makes its lists, or its interactions. */
export function compileRows(mapping: Mapping, language: Language): RowReader {
  const lists = (mapping.impressions ?? []).map((rule) => compileList(rule, language));
  const rules = (mapping.interactions ?? []).map((rule) =>
    compileInteraction(rule, mapping.impressions?.[0], language),
  );
  return {
    lists: (scope, notes) => lists.flatMap((read) => read(scope, notes)),
    interactions: (scope, own, notes, fitted) =>
      rules.flatMap((read, at) => {
        const made = read(scope, own, notes);
        if (made.length > 0) fitted?.(at);
        return made;
      }),
  };
}
