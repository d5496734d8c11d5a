import { type Command, Option } from 'commander';
import type { ControlRecord } from '../../app/control/control-log.js';
import { settle, withConfigOptions } from '../config-options.js';
import type { ExitCode } from '../exit-codes.js';
import { withHelp } from '../help.js';
import { collect, instanceUrls } from '../instance-url.js';
import type { Shell } from '../shell.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

/** `sluice config`: change what runs, and see who did. */
export const configVerb: Verb = (program, shell, finish) => {
  const family = program
    .command('config')
    .description('change the config of running instances, and see who changed it');
  addReload(family, shell, finish);
  addHistory(family, shell);
};

interface ReloadFlags {
  readonly url: readonly string[];
  readonly reason: string;
  readonly format: 'json' | 'text';
}

function addReload(family: Command, shell: Shell, finish: (status: ExitCode) => void): void {
  const command = family
    .command('reload')
    .description('make running instances read their config again, as SIGHUP does; needs http.control and its token')
    .addOption(
      new Option('--url <url>', 'an instance; may be repeated; default: http.host and http.port of the config')
        .argParser(collect)
        .default([], 'the config’s'),
    )
    .requiredOption('--reason <text>', 'why, for the record on the topic')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ url, reason, format }: ReloadFlags) => {
      const { config } = settle(shell, command);
      const urls = instanceUrls(url, config.http);
      if (urls.length === 0) command.error('error: no instance is known: name it with --url', { exitCode: 2 });
      const [{ controlToken }, { postJson }, { reasonsOf }] = await Promise.all([
        import('../../app/control/token.js'),
        import('../../adapters/system/post-json.js'),
        import('./snapshot-champion.js'),
      ]);
      const token = controlToken(config.http, shell.env);
      const { who, why } = await reasonsOf({ reason }, reason);
      for (const one of urls) {
        const { status, body } = await postJson(`${one}/api/control/reload`, token, { who, why }).catch(
          (thrown: Error) => ({ status: 0, body: { error: `no answer: ${thrown.message}` } }),
        );
        const { result, error, problems } = body as Readonly<Record<string, string | undefined>>;
        const text =
          format === 'json' ? JSON.stringify({ url: one, status, ...(body as object) }) : `${one}: ${result ?? error}`;
        await shell.out(`${text}\n`);
        if (status !== 200) finish(4);
        else if (problems) finish(2);
      }
    });
  command.addHelpText('after', '\nExit code 2 also says that a file is not valid, 4 that an instance did not do it.');
  withHelp(withConfigOptions(command), {
    examples: [
      "sluice config reload --config sluice.yaml --reason 'sale week: twice the budget'",
      "sluice config reload --url http://10.0.0.7:9464 --url http://10.0.0.8:9464 --reason 'throttle off'",
    ],
    exitCodes: [4],
  });
}

function addHistory(family: Command, shell: Shell): void {
  const command = family
    .command('history')
    .description('what was changed over HTTP while it ran: when, by whom, why, and what came of it; oldest first')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ format }: { format: 'json' | 'text' }) => {
      await withTransport(shell, command, async ({ config, transport }) => {
        const { readControls } = await import('../../app/control/control-log.js');
        const records = await readControls(transport, config.application);
        if (format === 'json') {
          for (const record of records) await shell.out(`${JSON.stringify(record)}\n`);
          return;
        }
        await shell.out(records.length === 0 ? 'nothing was changed over HTTP\n' : tableOf(records));
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice config history --config sluice.yaml',
      'sluice config history --config sluice.yaml --format json',
    ],
    exitCodes: [4],
  });
}

function tableOf(records: readonly ControlRecord[]): string {
  const rows = records.map(({ atMs, action, who, from, why, outcome, result }) => [
    new Date(atMs).toISOString(),
    action,
    who === null ? from : `${who} (${from})`,
    why,
    outcome === 'asked' ? 'asked; the instance ended before it said what came of it' : `${outcome}: ${result}`,
  ]);
  return textTable(['when', 'what', 'who', 'why', 'outcome'], rows);
}
