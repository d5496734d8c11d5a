import { Option } from 'commander';
import { columnProblems } from '../../app/column-problems.js';
import type { Finding } from '../../app/connection/check-connection.js';
import { ownProblems } from '../../app/own-problems.js';
import { loadConfig } from '../../config/load.js';
import { formatProblems } from '../../config/problem.js';
import type { Config } from '../../config/schema.js';
import { configSources, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import type { Shell } from '../shell.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly strict?: boolean;
  readonly connect?: boolean;
  readonly format: 'json' | 'text';
}

/** `sluice lint`: every problem of a config at once, and with `--connect` those of the world around it. */
export const lintVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('lint')
    .description('check a config and list every problem at once')
    .option('--strict', 'end with status 2 on warnings, too')
    .option(
      '--connect',
      'look as well whether a start would find what it needs: brokers, topics, rights, store, registry, key, files, clock; changes nothing',
    )
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (flags: Flags) => {
      const { config, problems: found } = loadConfig(configSources(shell, command));
      const problems = config === null ? found : [...found, ...columnProblems(config), ...(await ownProblems(config))];
      const errorCount = problems.filter((problem) => problem.severity === 'error').length;
      if (flags.format === 'text' && problems.length > 0) await shell.out(`${formatProblems(problems)}\n`);
      const looks = flags.connect === true && config !== null && errorCount === 0;
      const findings = looks ? await look(shell, config, flags.format) : [];
      const wrong = findings.filter(({ verdict }) => verdict === 'problem');
      if (flags.format === 'json') {
        const ok = errorCount === 0 && wrong.length === 0;
        const report = { ok, problems, ...(flags.connect === true ? { findings } : {}) };
        await shell.out(`${JSON.stringify(report, null, 2)}\n`);
      }
      shell.say(`${counted(errorCount, 'error')}, ${counted(problems.length - errorCount, 'warning')}`);
      if (looks) shell.say(`${counted(findings.length, 'thing')} looked at, ${counted(wrong.length, 'problem')}`);
      else if (flags.connect === true) shell.say('nothing else was looked at: correct the config first');
      if (errorCount > 0 || (flags.strict === true && problems.length > 0)) finish(2);
      else if (wrong.length > 0) finish(wrong.every(({ mayPass }) => mayPass) ? 4 : 2);
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice lint --config sluice.yaml',
      'sluice lint --config sluice.yaml --connect',
      'sluice lint --config sluice.yaml --strict --format json',
      'sluice lint --set selection.bugdet=0.1',
    ],
    exitCodes: [4],
  });
};

/** Each finding as it comes: a broker that does not answer takes its time. */
async function look(shell: Shell, config: Config, format: Flags['format']): Promise<readonly Finding[]> {
  const { checkConnection } = await import('../../app/connection/check-connection.js');
  const findings: Finding[] = [];
  for await (const finding of checkConnection(config, { clock: shell.clock })) {
    findings.push(finding);
    if (format === 'text') await shell.out(findingText(finding));
  }
  return findings;
}

function findingText({ verdict, about, what, remedy }: Finding): string {
  return `${verdict.padEnd(8)} ${about.padEnd(8)} ${what}\n${remedy === null ? '' : `  - ${remedy}\n`}`;
}
