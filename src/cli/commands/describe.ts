import { Argument, Option } from 'commander';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';
import { textTable } from '../table.js';

/** `sluice describe features`: the columns of the feature set. */
export const describeVerb: Verb = (program, shell) => {
  const command = program
    .command('describe')
    .description('list the columns of `features` in a sample, in their order')
    .addArgument(new Argument('<what>', 'what to describe').choices(['features']))
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (_what: string, flags: { format: 'json' | 'text' }) => {
      const { config } = settle(shell, command);
      const { describeFeatures } = await import('../../app/describe.js');
      const described = await describeFeatures(config);
      if (flags.format === 'json') {
        await shell.out(`${JSON.stringify(described, null, 2)}\n`);
        return;
      }
      const rows = described.columns.map(({ name, unit, meaning }, index) => [index, name, unit, meaning]);
      await shell.out(
        `feature set ${described.featureSetId}\n${textTable(['column', 'name', 'unit', 'meaning'], rows)}`,
      );
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice describe features --config sluice.yaml',
      "sluice describe features --format json | jq -r '.columns[].name'",
    ],
  });
};
