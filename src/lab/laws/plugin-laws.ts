import { growTree } from '../../adapters/forest/grow-tree.js';
import { learnersWith } from '../../learn/learners/index.js';
import { loadOwnCode } from '../../own/index.js';
import { scorerNamed, type ScorerName } from '../../pipeline/score/scorers.js';
import { columnLaws } from './column-laws.js';
import type { Law } from './law.js';
import { learnerLaws, settingLaws } from './learner-laws.js';
import { ruleLaws } from './rule-laws.js';
import { scorerLaws } from './scorer-laws.js';

/**
 * The laws of every part of a plugin, those that Sluice's own parts are held to; each name begins with its part.
 * @param maxPluginCallMs `run.maxPluginCallMs`
 * @throws SluiceError `plugin-invalid`, `file-unreadable`
 */
export async function pluginLaws(file: string, maxPluginCallMs = 10_000): Promise<readonly Law[]> {
  const { scorers, learners, values, rules, within } = await loadOwnCode({
    plugins: [{ file, sha256: '' }],
    run: { maxPluginCallMs },
  });
  const fits = learnersWith(growTree, learners);
  const under = (part: string, laws: readonly Law[]): readonly Law[] =>
    laws.map(({ name, check }) => ({ name: `${part}: ${name}`, check }));
  return [
    ...[...scorers].flatMap(([name, scorer]) =>
      under(
        name,
        scorerLaws(scorer, (other) => scorerNamed(other as ScorerName)),
      ),
    ),
    ...[...values].flatMap(([name, value]) =>
      under(
        name,
        columnLaws((item, list) => within!(() => value(item, list))),
      ),
    ),
    ...[...rules].flatMap(([name, { impression, interaction }]) =>
      under(
        name,
        ruleLaws({
          ...(impression ? { impression: (item, list) => within!(() => impression(item, list)) } : {}),
          ...(interaction ? { interaction: (sent) => within!(() => interaction(sent)) } : {}),
        }),
      ),
    ),
    ...[...learners].flatMap(([name, learner]) =>
      under(name, [...learnerLaws(learner, fits[name]!), ...settingLaws(learner, fits[name]!)]),
    ),
  ];
}
