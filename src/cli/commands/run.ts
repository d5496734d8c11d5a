import { hostname } from 'node:os';
import { Option } from 'commander';
import { loadConfig, tellConfig, type ToldOption } from '../../config/load.js';
import { configSources, settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { loggingShell, logWarnings } from '../logging-shell.js';
import { withMeter } from '../progress.js';
import type { Shell } from '../shell.js';
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
      const hangups = hearHangups(shell);
      const warnings: string[] = [];
      const sources = configSources(shell, command);
      const { config, logger } = settle(shell, command, (text) => warnings.push(text));
      const quiet = loggingShell(shell, logger, config.log.format);
      const ownWarnings = logWarnings(logger);
      logger.info('sluice starts', {
        version: program.version(),
        application: config.application,
        instance: `${hostname()}:${process.pid}`,
        settings: settingsOf(tellConfig(sources)),
      });
      const warn = quiet === shell ? shell.say : logger.warn;
      for (const text of warnings) warn(text);
      const [
        { runSluice },
        { Reloader },
        { curationLines },
        { accountingLines },
        { accountingSummary },
        { openObservation },
      ] = await Promise.all([
        import('../../app/run.js'),
        import('../../app/reload.js'),
        import('../../app/curation-lines.js'),
        import('../../app/accounting-lines.js'),
        import('../../app/accounting-summary.js'),
        import('../../app/observation.js'),
      ]);
      const untilEnd = flags.untilEnd === true;
      const reloader = new Reloader(config, {
        load: () => loadConfig(sources),
        isSet: (name) => (shell.env[name] ?? '') !== '',
        setLogLevel: logger.setLevel,
        logger,
      });
      const drained = new AbortController();
      const steering = { reload: (by: string) => reloader.reload(by), drain: () => drained.abort() };
      const observation = await openObservation(config, logger, shell.clock, untilEnd, reloader, steering);
      reloader.countIn(observation.metrics);
      hangups.to(() => reloader.reload('SIGHUP'));
      try {
        const accounting = await withMeter(quiet, 'run', 'samples', (onProgress) =>
          runSluice(config, {
            ...(flags.events === undefined ? {} : { eventsDir: flags.events }),
            untilEnd,
            signal: AbortSignal.any([quiet.signal, drained.signal]),
            ...(untilEnd ? { onProgress } : {}),
            logger,
            metrics: observation.metrics,
            health: observation.health,
            live: reloader,
            ...(observation.watcher ? { watcher: observation.watcher } : {}),
            ...(observation.traces ? { traces: observation.traces } : {}),
          }),
        );
        for (const line of [...accountingLines(accounting), ...curationLines(accounting.curation)]) quiet.say(line);
        const isJson = flags.format === 'json';
        const lines = isJson ? [JSON.stringify(accounting)] : accountingSummary(accounting);
        await shell.out(lines.map((line) => `${line}\n`).join(''));
      } finally {
        await observation.close();
        ownWarnings();
        hangups.end();
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

/** Catches SIGHUP from the first moment; one that comes before anybody can answer waits. */
function hearHangups(shell: Shell): { to(answer: () => void): void; end(): void } {
  let waits = false;
  let answer = (): void => void (waits = true);
  const end = shell.onHangup?.(() => answer());
  return {
    to(given) {
      answer = given;
      if (waits) answer();
    },
    end: () => end?.(),
  };
}

/** What is not at its default, by path. */
function settingsOf(told: readonly ToldOption[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(told.flatMap(({ path, value, isDefault }) => (isDefault ? [] : [[path, value]])));
}
