import { Option } from 'commander';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { withMeter } from '../progress.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly events?: string;
  readonly untilEnd?: boolean;
  readonly format: 'json' | 'text';
}

/** `sluice run`: the processor. */
export const runVerb: Verb = (program, shell) => {
  const command = program
    .command('run')
    .description('run the processor: join, score, select, learn, publish')
    .option('--events <dir>', 'first append a folder of event files to the input topics')
    .option('--until-end', 'stop once all input is processed and every window has closed')
    .addOption(
      new Option('--format <format>', 'format of the accounting on the last line of stdout')
        .choices(['json', 'text'])
        .default('text'),
    )
    .action(async (flags: Flags) => {
      const { config, logger } = settle(shell, command);
      const [{ runSluice }, { curationLines }, { accountingLines }, { openObservation }] = await Promise.all([
        import('../../app/run.js'),
        import('../../app/curation-lines.js'),
        import('../../app/accounting-lines.js'),
        import('../observation.js'),
      ]);
      const untilEnd = flags.untilEnd === true;
      const observation = await openObservation(config, logger, shell.clock, untilEnd);
      try {
        const accounting = await withMeter(shell, 'run', 'samples', (onProgress) =>
          runSluice(config, {
            ...(flags.events === undefined ? {} : { eventsDir: flags.events }),
            untilEnd,
            signal: shell.signal,
            ...(untilEnd ? { onProgress } : {}),
            logger,
            metrics: observation.metrics,
            health: observation.health,
          }),
        );
        for (const line of [...accountingLines(accounting), ...curationLines(accounting.curation)]) shell.say(line);
        await shell.out(flags.format === 'json' ? `${JSON.stringify(accounting)}\n` : accountingText(accounting));
      } finally {
        await observation.close();
      }
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice run --config sluice.yaml',
      'sluice run --config sluice.yaml --events ./events --until-end --format json',
      'sluice run --config sluice.yaml --set selection.budget=0.05 --set transport.kind=embedded',
    ],
    exitCodes: [3, 4, 130, 143],
  });
};

/** One line a number, `samples.kept 1024`, for people. */
function accountingText(accounting: object): string {
  return numberLines(accounting, '').join('');
}

function numberLines(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${path} ${String(value)}\n`];
  return Object.entries(value).flatMap(([name, inner]) => numberLines(inner, path === '' ? name : `${path}.${name}`));
}
