import { InvalidArgumentError, Option } from 'commander';
import { type ConfigFlags, settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted, timeOf } from '../numbers.js';
import { loggingShell } from '../logging-shell.js';
import { withMeter } from '../progress.js';
import type { Verb } from '../verb.js';

interface Flags extends ConfigFlags {
  readonly as: string;
  readonly from: number;
  readonly to: number;
  readonly warmUpHours: number;
  readonly champion: boolean;
  readonly format: 'json' | 'text';
}

const HOUR_MS = 3_600_000;

/** `sluice replay`: a range of the input again, under another policy, beside the application. */
export const replayVerb: Verb = (program, shell) => {
  const command = program
    .command('replay')
    .summary('read a time range of the input again, under another policy, into topics of its own')
    .description(
      'read a time range of the input again, under the config with --set changes, into topics, progress and a group of its own; the application, which may run meanwhile, is not touched; one that was stopped goes on when asked for again; `sluice compare NAME` judges it',
    )
    .requiredOption('--as <name>', 'name of the replay', replayName)
    .requiredOption('--from <time>', 'first event time of the impressions it is about (ISO 8601)', timeOf)
    .requiredOption('--to <time>', 'only impressions before this event time; their windows must be over', timeOf)
    .option(
      '--warm-up-hours <hours>',
      'hours of event time read before --from, which warm counters, threshold and champion and are left out of comparisons',
      hoursOf,
      24,
    )
    .option('--no-champion', 'begin without a model, in place of the champion of when the warm-up begins')
    .addOption(new Option('--format <format>', 'format of the result').choices(['json', 'text']).default('text'))
    .action(async () => {
      const flags = command.optsWithGlobals<Flags>();
      const { config, logger } = settle(shell, command);
      const { replay } = await import('../../lab/replay/replay.js');
      const quiet = loggingShell(shell, logger, config.log.format);
      const record = await withMeter(quiet, 'replay', 'samples', (onProgress) =>
        replay({
          name: flags.as,
          range: { fromMs: flags.from, toMs: flags.to, warmUpMs: flags.warmUpHours * HOUR_MS },
          config,
          sets: flags.set,
          takesChampion: flags.champion,
          clock: shell.clock,
          logger,
          signal: quiet.signal,
          onProgress,
        }),
      );
      if (flags.format === 'json') return shell.out(`${JSON.stringify(record)}\n`);
      const { name, finished } = record;
      if (!finished) return shell.say(`replay ${name} was stopped: the same command goes on with it`);
      const { samples } = finished.accounting;
      const seconds = (finished.cost.cpuMs / 1000).toFixed(1);
      await shell.out(
        `replay ${name}: ${counted(samples.seen, 'sample')}, ${counted(samples.kept, 'kept', 'kept')}, ${samples.audit.toLocaleString('en')} for the audit, warm-up included; ${seconds} s of CPU. Compare it: sluice compare ${name}\n`,
      );
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice replay --as half --from 2026-03-01T00:00Z --to 2026-03-08T00:00Z --config sluice.yaml --set selection.budget=0.05',
      'sluice replay --as same --from 2026-03-01T00:00Z --to 2026-03-08T00:00Z --config sluice.yaml',
      'sluice replay --as cold --from 2026-03-01T00:00Z --to 2026-03-08T00:00Z --warm-up-hours 0 --no-champion --config sluice.yaml',
    ],
    exitCodes: [3, 4, 130, 143],
  });
};

/** Reads a flag as what topics and folders may be called. */
export function replayName(text: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,59}$/.test(text))
    throw new InvalidArgumentError('Expected letters, digits, hyphens and underscores, 60 at most.');
  return text;
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (text.trim() === '' || !(hours >= 0 && hours <= 1e6))
    throw new InvalidArgumentError('Expected hours, at least 0.');
  return hours;
}
