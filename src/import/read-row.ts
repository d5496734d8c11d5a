import { compileInteraction } from './compile-interaction.js';
import { compileList, type ReadList } from './compile-list.js';
import type { Draft, Notes } from './fields.js';
import type { Language } from './language.js';
import type { Mapping } from './mapping-schema.js';
import type { Scope } from './scope.js';

/** An interaction that a row holds, and the number of the rule that made it. */
export interface ReadInteraction {
  readonly rule: number;
  readonly draft: Draft;
}

/** A mapping, compiled: rows of files and messages of topics are read alike. */
export interface RowReader {
  lists(scope: Scope, notes: Notes): readonly ReadList[];
  /**
   * @param lists those that the row makes
   */
  interactions(scope: Scope, lists: readonly ReadList[], notes: Notes): readonly ReadInteraction[];
}

/** Compiles a mapping. Every rule that fits a row makes its lists, or its interactions. */
export function compileRows(mapping: Mapping, language: Language): RowReader {
  const lists = (mapping.impressions ?? []).map((rule, at) =>
    language.inRule(rule, () => compileList(rule, language, at)),
  );
  const rules = (mapping.interactions ?? []).map((rule) =>
    language.inRule(rule, () => compileInteraction(rule, mapping.impressions?.[0], language)),
  );
  return {
    lists: (scope, notes) => lists.flatMap((read) => read(scope, notes)),
    interactions: (scope, own, notes) =>
      rules.flatMap((read, rule) => read(scope, own, notes).map((draft) => ({ rule, draft }))),
  };
}
