import { Option } from 'commander';
import type { Plan } from '../../app/plan.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';

/** `sluice plan`: what a start under a config would do, before it does. */
export const planVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('plan')
    .summary('say what a start under a config would do to an application that has run; changes nothing')
    .description(
      'say what a start under a config would do to an application that has run: what it reads again, which options have changed and what that means, whether champion and reservoir stay, which topics are missing; changes nothing, status 2 when the start would be refused',
    )
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ format }: { readonly format: 'json' | 'text' }) => {
      const { config, logger } = settle(shell, command);
      const { openPlan } = await import('../../app/open-plan.js');
      const plan = await openPlan(config, { logger, clock: shell.clock });
      await shell.out(format === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : textOf(plan));
      if (plan.verdict === 'refused') finish(2);
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice plan --config new.yaml',
      'sluice plan --config new.yaml --format json | jq .verdict',
      'sluice plan --config sluice.yaml --set join.attributionWindowMs=3600000',
    ],
    exitCodes: [4],
  });
};

const VERDICTS: Readonly<Record<Plan['verdict'], string>> = {
  new: 'nothing has run yet: the start begins at the beginning',
  unchanged: 'nothing has changed: the start goes on where it stands',
  'goes-on': 'the start goes on, with these changes',
  refused: 'the start would be refused',
};

const MEANS = {
  free: 'acts from the start on',
  rebuilt: 'what is read again is described anew',
  switched: 'acts from the committed offsets on; what is read again is read as it was',
  refused: 'refused',
} as const;

function textOf(plan: Plan): string {
  const lines = [`${plan.application}: ${VERDICTS[plan.verdict]}\n`];
  for (const { code, reason } of plan.refusals) lines.push(`\n${code}: ${reason}\n`);
  if (plan.changes.length > 0) {
    const rows = plan.changes.map((change) => [
      change.path,
      change.before,
      change.after,
      change.class,
      MEANS[change.class],
    ]);
    lines.push('\n', textTable(['option', 'was', 'is', 'class', 'what a start does'], rows));
  }
  if (plan.partitions.length > 0) {
    const rows = plan.partitions.map(({ partition, rereads, fromCheckpoint }) => [
      partition,
      rereads.impressions,
      rereads.interactions,
      fromCheckpoint === null ? 'the beginning' : `checkpoint ${fromCheckpoint}`,
    ]);
    lines.push('\n', textTable(['partition', 'lists read again', 'interactions read again', 'from'], rows));
  }
  lines.push('\n');
  if (plan.champion) {
    const { version, featureSetId, isRefused } = plan.champion;
    lines.push(
      isRefused
        ? `champion ${version} will be refused: it is of feature set ${featureSetId}, the config gives ${plan.featureSetId}; importance comes from the prior until a new one is promoted\n`
        : `champion ${version} stays\n`,
    );
  }
  const { rows, lost } = plan.reservoir;
  if (lost > 0) lines.push(`reservoir: ${counted(lost, 'row')} lost, of another feature set; ${rows} stay\n`);
  else if (rows > 0) lines.push(`reservoir: all ${counted(rows, 'row')} stay\n`);
  if (plan.missingTopics.length > 0) lines.push(`topics that are missing: ${plan.missingTopics.join(', ')}\n`);
  return lines
    .join('')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n\n$/, '\n');
}
