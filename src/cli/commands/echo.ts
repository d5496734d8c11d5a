import { Option } from 'commander';
import { requireConfig, tellConfig, type ToldOption } from '../../config/load.js';
import { configSources, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly changed?: boolean;
  readonly format: 'json' | 'text';
}

/** `sluice echo`: the config as it holds, and where each value came from. */
export const echoVerb: Verb = (program, shell) => {
  const command = program
    .command('echo')
    .description('show the effective config: every option, its value, and the file line, variable or flag that set it')
    .option('--changed', 'only what is not at its default')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ changed, format }: Flags) => {
      const sources = configSources(shell, command);
      requireConfig(sources, shell.say);
      const told = tellConfig(sources).filter(({ isDefault }) => changed !== true || !isDefault);
      if (format === 'json') return shell.out(`${JSON.stringify({ options: told }, null, 2)}\n`);
      const width = Math.max(0, ...told.map((one) => lineOf(one).length));
      await shell.out(told.map((one) => `${lineOf(one).padEnd(Math.min(width, 60))}  # ${one.source}\n`).join(''));
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice echo --config sluice.yaml --changed',
      'SLUICE_SELECTION_BUDGET=0.05 sluice echo --config sluice.yaml --format json',
    ],
  });
};

function lineOf({ path, value }: ToldOption): string {
  return `${path}: ${value === undefined ? '(none)' : JSON.stringify(value)}`;
}
