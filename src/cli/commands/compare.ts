import { Option } from 'commander';
import { comparisonText } from '../comparison-text.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';
import { replayName } from './replay.js';

/** `sluice compare`: what another policy would have kept, and what it would have been worth. */
export const compareVerb: Verb = (program, shell) => {
  const command = program
    .command('compare')
    .summary('compare a replay with the application, or with another replay')
    .description(
      'compare a replay (b) with the application (a), or with another replay, over the impressions of its range: kept rows by surface and label, AUC, NE and calibration on the audit rows that both have, cost; changes nothing',
    )
    .argument('<name>', 'name of the replay', replayName)
    .argument('[other]', 'another replay to compare it with; default: the application', replayName)
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (name: string, other: string | undefined, { format }: { readonly format: 'json' | 'text' }) => {
      const { config, logger } = settle(shell, command);
      const { compareReplays } = await import('../../lab/replay/compare-replays.js');
      const { clock, signal } = shell;
      const comparison = await compareReplays({ name, other, config, clock, logger, signal });
      await shell.out(format === 'json' ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison));
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice compare half --config sluice.yaml',
      'sluice compare half same --config sluice.yaml',
      'sluice compare half --config sluice.yaml --format json | jq .asScored.normalisedEntropy',
    ],
    exitCodes: [3, 4, 130, 143],
  });
};
