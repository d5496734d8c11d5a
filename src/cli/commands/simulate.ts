import { Option } from 'commander';
import type { Language } from '../../lab/simulate/index.js';
import { withHelp } from '../help.js';
import { fractionOf, positiveInteger, wholeNumber } from '../numbers.js';
import { withMeter } from '../progress.js';
import type { Verb } from '../verb.js';

const LANGUAGES: readonly Language[] = ['en', 'zh'];

interface Flags {
  readonly out: string;
  readonly impressions: number;
  readonly seed: number;
  readonly gzip?: boolean;
  readonly late: number;
  readonly maxDelayMs: number;
  readonly duplicates: number;
  readonly malformed: number;
  readonly bots: number;
  readonly language: Language;
}

/** `sluice simulate`: event files with known click probabilities. */
export const simulateVerb: Verb = (program, shell) => {
  const command = program
    .command('simulate')
    .description('write event files of made-up traffic, with the true click probabilities beside them')
    .requiredOption('--out <dir>', 'folder to write to; created if it does not exist')
    .requiredOption('--impressions <n>', 'how many impressions', positiveInteger)
    .option('--seed <s>', 'the same seed writes the same files', wholeNumber, 1)
    .option('--late <fraction>', 'share of events that arrive late', fractionOf, 0)
    .option('--max-delay-ms <ms>', 'longest delay of a late event', wholeNumber, 30_000)
    .option('--duplicates <fraction>', 'share of events that arrive twice', fractionOf, 0)
    .option('--malformed <fraction>', 'broken messages per sound message', fractionOf, 0)
    .option('--bots <fraction>', 'share of sessions that click everything', fractionOf, 0)
    .addOption(
      new Option('--language <language>', 'what titles and queries are written in').choices(LANGUAGES).default('en'),
    )
    .option('--gzip', 'write .gz files')
    .action(async (flags: Flags) => {
      const { simulateToFiles } = await import('../../lab/simulate/index.js');
      const summary = await withMeter(shell, 'simulate', 'impressions', (update) =>
        simulateToFiles(
          {
            folder: flags.out,
            impressionCount: flags.impressions,
            seed: flags.seed,
            isPacked: flags.gzip === true,
            lateFraction: flags.late,
            maxDelayMs: flags.maxDelayMs,
            duplicateFraction: flags.duplicates,
            malformedFraction: flags.malformed,
            botFraction: flags.bots,
            language: flags.language,
          },
          update,
        ),
      );
      // The ceiling that no model can pass on these files is part of the result.
      await shell.out(`${JSON.stringify(summary)}\n`);
    });
  withHelp(command, {
    examples: [
      'sluice simulate --out ./events --impressions 100000 --seed 7',
      'sluice simulate --out ./rough --impressions 5000 --late 0.05 --duplicates 0.01 --malformed 0.001',
      'sluice simulate --out ./shop --impressions 50000 --language zh --bots 0.02',
      'sluice simulate --out ./events --impressions 5000 && sluice run --events ./events --until-end',
    ],
    exitCodes: [3],
  });
};
