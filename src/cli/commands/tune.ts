import { InvalidArgumentError, Option } from 'commander';
import { LEARNER_NAMES, type LearnerName } from '../../learn/learners/index.js';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { positiveInteger, positiveNumber, wholeNumber } from '../numbers.js';
import { withMeter } from '../progress.js';
import { tuneText } from '../tune-text.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

interface Flags {
  readonly learners?: readonly LearnerName[];
  readonly fits: number;
  readonly maxSeconds?: number;
  readonly seed: number;
  readonly format: 'json' | 'text';
}

/** `sluice tune`: better settings of the learner, on the application's own rows. */
export const tuneVerb: Verb = (program, shell) => {
  const command = program
    .command('tune')
    .summary('look for better settings of the learner on the rows that it holds')
    .description(
      'look for better settings of the learner by successive halving: fitted on the older part of the rows that it holds, chosen on newer audit rows, the best confirmed on the newest; prints what was tried, and what to paste where it is better than the present settings by more than chance; changes nothing',
    )
    .option(
      '--learners <list>',
      `learners to try, separated by commas: ${LEARNER_NAMES.join(', ')}; default: that of the config`,
      learnersOf,
    )
    .option('--fits <n>', 'most fits, at least 8', fitsOf, 45)
    .option('--max-seconds <n>', 'begin no fit after so long; then the answer depends on the machine', positiveNumber)
    .option('--seed <n>', 'seed of what is drawn', wholeNumber, 1)
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ learners, fits, maxSeconds, seed, format }: Flags) => {
      await withTransport(shell, command, async (connected) => {
        const { tune } = await import('../../lab/tune/tune.js');
        const { clock, signal } = shell;
        const maxMs = maxSeconds === undefined ? Infinity : maxSeconds * 1000;
        const report = await withMeter(shell, 'tune', 'fits', (onProgress) =>
          tune({ ...connected, learners, fits, maxMs, seed, clock, signal, onProgress }),
        );
        await shell.out(format === 'json' ? `${JSON.stringify(report)}\n` : tuneText(report));
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice tune --config sluice.yaml',
      'sluice tune --config sluice.yaml --learners boosting,linear --fits 80',
      'sluice tune --config sluice.yaml --max-seconds 600 --format json > tuned.json',
    ],
    exitCodes: [3, 4, 130, 143],
  });
};

function fitsOf(text: string): number {
  const fits = positiveInteger(text);
  if (fits < 8) throw new InvalidArgumentError('Expected an integer of at least 8.');
  return fits;
}

function learnersOf(text: string): readonly LearnerName[] {
  return text.split(',').map((part) => {
    const learner = LEARNER_NAMES.find((one) => one === part.trim());
    if (learner === undefined) throw new InvalidArgumentError(`Expected some of ${LEARNER_NAMES.join(', ')}.`);
    return learner;
  });
}
