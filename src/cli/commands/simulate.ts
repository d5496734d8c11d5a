import { withHelp } from '../help.js';
import { positiveInteger, wholeNumber } from '../numbers.js';
import { withMeter } from '../progress.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly out: string;
  readonly impressions: number;
  readonly seed: number;
}

/** `sluice simulate`: event files with known click probabilities. */
export const simulateVerb: Verb = (program, shell) => {
  const command = program
    .command('simulate')
    .description('write event files of made-up traffic whose click probabilities are known')
    .requiredOption('--out <dir>', 'folder to write, made when absent')
    .requiredOption('--impressions <n>', 'how many impressions, one by one', positiveInteger)
    .option('--seed <s>', 'the same seed writes the same files', wholeNumber, 1)
    .action(async (flags: Flags) => {
      const { simulateToFiles } = await import('../../simulate/index.js');
      await withMeter(shell, 'simulate', 'impressions', (update) =>
        simulateToFiles({ folder: flags.out, impressionCount: flags.impressions, seed: flags.seed }, update),
      );
      shell.say(`wrote about ${flags.impressions} impressions to ${flags.out}`);
    });
  withHelp(command, {
    examples: [
      'sluice simulate --out ./events --impressions 100000 --seed 7',
      'sluice simulate --out ./events --impressions 5000 && sluice run --events ./events --until-end',
    ],
    exitCodes: [3],
  });
};
