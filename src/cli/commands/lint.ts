import { Option } from 'commander';
import { columnProblems } from '../../app/column-problems.js';
import { loadConfig } from '../../config/load.js';
import { formatProblems } from '../../config/problem.js';
import { configSources, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly strict?: boolean;
  readonly format: 'json' | 'text';
}

/** `sluice lint`: every problem of a config at once. */
export const lintVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('lint')
    .description('check a config and list every problem at once')
    .option('--strict', 'end with status 2 on warnings, too')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (flags: Flags) => {
      const { config, problems: found } = loadConfig(configSources(shell, command));
      const problems = config === null ? found : [...found, ...columnProblems(config)];
      const errorCount = problems.filter((problem) => problem.severity === 'error').length;
      if (flags.format === 'json') await shell.out(`${JSON.stringify({ ok: errorCount === 0, problems }, null, 2)}\n`);
      else if (problems.length > 0) await shell.out(`${formatProblems(problems)}\n`);
      shell.say(`${counted(errorCount, 'error')}, ${counted(problems.length - errorCount, 'warning')}`);
      if (errorCount > 0 || (flags.strict === true && problems.length > 0)) finish(2);
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice lint --config sluice.yaml',
      'sluice lint --config sluice.yaml --strict --format json',
      'sluice lint --set selection.bugdet=0.1',
    ],
  });
};
