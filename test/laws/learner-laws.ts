import { describe } from 'vitest';
import { growTree } from '../../src/adapters/forest/grow-tree.js';
import { learnerLaws as laws, settingLaws as lawsOfSettings } from '../../src/lab/laws/learner-laws.js';
import { learnerNamed, learnersWith, type LearnerName } from '../../src/learn/learners/index.js';
import type { FitContext } from '../../src/ports/learner.js';
import { keepsAll } from './keeps-all.js';

/** What every learner keeps, whatever it learns with. */
export function learnerLaws(name: LearnerName, settings: FitContext['settings'] = {}): void {
  describe(`${name} ${JSON.stringify(settings)}, as a learner`, () =>
    keepsAll(laws(learnerNamed(name), learnersWith(growTree)[name], settings)));
}

/** Every setting that a learner declares is read. */
export function settingLaws(
  name: LearnerName,
  base: FitContext['settings'] = {},
  needs: Readonly<Record<string, FitContext['settings']>> = {},
): void {
  describe(`a setting of ${name}`, () =>
    keepsAll(lawsOfSettings(learnerNamed(name), learnersWith(growTree)[name], base, needs)));
}
