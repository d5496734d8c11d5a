import { fingerprintOf, importFile, limiter, type Within } from '../adapters/own-code/index.js';
import { systemClock } from '../adapters/system/index.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { ownName, type OwnName } from '../events/own-name.js';
import type { Learner } from '../learn/learners/learner.js';
import type { ScorerDeclaration } from '../pipeline/score/scorer.js';
import { guardedLearner } from './guarded-learner.js';
import { guardedScorer } from './guarded-scorer.js';
import { partsOf } from './parts-of.js';
import type { OwnRule, OwnValue } from './parts.js';

/** Loading a file may take so many times as long as a call. */
const LOAD_CALLS = 60;

/** What of a config says which own code there is; a thread or process is opened with it. */
export type PluginChoice = Pick<Config, 'plugins'> & { readonly run: Pick<Config['run'], 'maxPluginCallMs'> };

/** Takes it out of a config. */
export function pluginChoiceOf({ plugins, run: { maxPluginCallMs } }: PluginChoice): PluginChoice {
  return { plugins, run: { maxPluginCallMs } };
}

/** The parts of all plugins of a config, by the names that options give them, each guarded. */
export interface OwnCode {
  readonly scorers: ReadonlyMap<OwnName, ScorerDeclaration>;
  readonly learners: ReadonlyMap<OwnName, Learner>;
  readonly values: ReadonlyMap<OwnName, OwnValue>;
  readonly rules: ReadonlyMap<OwnName, OwnRule>;
  /** Limits the time of a unit of work that calls `values` and `rules`; undefined: there are none. */
  readonly within: Within | undefined;
}

/**
 * Loads the plugins of a config.
 * @throws SluiceError `plugin-invalid`: it cannot be loaded, defines nothing or something twice, or is no longer the file that
 * the config was read with
 */
export async function loadOwnCode({ plugins, run: { maxPluginCallMs: limitMs } }: PluginChoice): Promise<OwnCode> {
  const scorers = new Map<OwnName, ScorerDeclaration>();
  const learners = new Map<OwnName, Learner>();
  const values = new Map<OwnName, OwnValue>();
  const rules = new Map<OwnName, OwnRule>();
  for (const { file, sha256 } of plugins) {
    const found = fingerprintOf(file);
    if (sha256 !== '' && found !== sha256)
      throw new SluiceError('plugin-invalid', { file, why: 'the file has changed since the start' });
    const add = <T>(to: Map<OwnName, T>, name: string, part: T): void => {
      if (to.has(ownName(name))) throw new SluiceError('plugin-invalid', { file, why: `there are two own:${name}` });
      to.set(ownName(name), part);
    };
    for (const part of partsOf(file, await importFile(file, found, LOAD_CALLS * limitMs, systemClock))) {
      switch (part.sluice) {
        case 'scorer':
          add(scorers, part.scorer.name, guardedScorer(part.scorer, { file, limitMs }));
          break;
        case 'learner':
          add(learners, part.learner.name, guardedLearner(part.learner, { file, limitMs }));
          break;
        case 'rule':
          add(rules, part.rule.name, part.rule);
          break;
        case 'columns':
          for (const [name, value] of Object.entries(part.columns)) add(values, name, value);
          break;
      }
    }
  }
  const files = plugins.map(({ file }) => file).join(', ');
  const isAsked = values.size > 0 || rules.size > 0;
  const within = isAsked ? limiter(limitMs, () => `a column or rule of ${files}`) : undefined;
  return { scorers, learners, values, rules, within };
}
