import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { isOwnName } from '../events/own-name.js';
import type { OwnCode } from './own-code.js';

/**
 * Holds what a config names of own code against what its plugins define.
 * @throws SluiceError `config-invalid` with every name, setting and limit that does not fit
 */
export function checkChoice(config: Config, { scorers, learners, values, rules }: OwnCode): void {
  const problems = [
    ...unknown('selection.scorer', config.selection.scorer, scorers),
    ...unknown('retrain.learner', config.retrain.learner, learners),
    ...config.features.declared.flatMap(({ name, from }, at) =>
      unknown(`features.declared.${at}.from of ${name}`, from, values),
    ),
    ...config.quality.own.flatMap((name, at) => unknown(`quality.own.${at}`, name, rules)),
    ...settingProblems(config.retrain, learners),
  ];
  if (problems.length > 0) throw new SluiceError('config-invalid', { problems: problems.join('; ') });
}

function unknown(path: string, name: string, parts: ReadonlyMap<string, unknown>): readonly string[] {
  if (!isOwnName(name) || parts.has(name)) return [];
  const there = [...parts.keys()].join(', ');
  return [`${path} = ${name}: no plugin defines it${there === '' ? '' : `; there is ${there}`}`];
}

function settingProblems({ learner, own }: Config['retrain'], learners: OwnCode['learners']): readonly string[] {
  const table = isOwnName(learner) ? (learners.get(learner)?.settings ?? {}) : {};
  return Object.entries(own).flatMap(([name, value]) => {
    const setting = table[name];
    if (!setting) return [`retrain.own.${name} = ${value}: ${learner} has no such setting`];
    const { isInteger, above = -Infinity, atLeast = -Infinity, atMost = Infinity } = setting;
    if ((!isInteger || Number.isInteger(value)) && value > above && value >= atLeast && value <= atMost) return [];
    return [`retrain.own.${name} = ${value} is beyond the limits of ${learner}`];
  });
}
