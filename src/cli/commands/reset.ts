import { Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

interface Flags {
  readonly to: 'earliest' | 'end';
  readonly format: 'json' | 'text';
}

/** `sluice reset`: begin anew, and say what that leaves behind. */
export const resetVerb: Verb = (program, shell) => {
  const command = program
    .command('reset')
    .summary('let a stopped application begin anew on its topics; outputs stay')
    .description(
      'let a stopped application begin anew on its topics: its state, checkpoints, recorded settings and counts are given up, outputs stay',
    )
    .addOption(
      new Option(
        '--to <place>',
        'earliest: read again what the inputs still hold, and emit it again under the same ids; end: begin with what comes next, impressions that are open now get no sample',
      )
        .choices(['earliest', 'end'])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (flags: Flags) => {
      await withTransport(shell, command, async ({ config, transport, logger }) => {
        const { resetApplication } = await import('../../app/reset.js');
        const resets = await resetApplication(config, transport, flags.to, {
          clock: shell.clock,
          logger,
          signal: shell.signal,
        });
        if (flags.format === 'json')
          return shell.out(`${JSON.stringify({ application: config.application, partitions: resets })}\n`);
        for (const { partition, from, to, emitted } of resets) {
          await shell.out(
            `partition ${partition}: impressions ${from.impressions} → ${to.impressions}, interactions ${from.interactions} → ${to.interactions}; ${emitted} samples had been emitted\n`,
          );
        }
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice reset --to end --config sluice.yaml',
      'sluice reset --to earliest --config sluice.yaml --format json',
    ],
    exitCodes: [4, 130, 143],
  });
};
