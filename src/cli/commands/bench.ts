import { Option } from 'commander';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';

/** `sluice bench`: throughput of fixed scenarios. */
export const benchVerb: Verb = (program, shell) => {
  const command = program
    .command('bench')
    .description('measure fixed scenarios and show what takes the time in each')
    .argument('[scenario...]', 'ids of the scenarios to run (default: all)')
    .addOption(new Option('--format <format>', 'format of the results').choices(['text', 'json']).default('text'))
    .action(async (scenarios: string[], { format }: { format: 'text' | 'json' }) => {
      const { runBench } = await import('../../lab/bench.js');
      const { out, say, signal, clock } = shell;
      await runBench(scenarios, { out, say, signal, clock, format });
    });
  withHelp(command, {
    examples: ['sluice bench', 'sluice bench embedded open-100k', 'sluice bench encoder --format json'],
    exitCodes: [3, 4],
  });
};
