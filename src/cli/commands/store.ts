import { Option } from 'commander';
import { SluiceError } from '../../errors.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly format: 'json' | 'text';
}

/** `sluice store check`: is the embedded store whole? */
export const storeVerb: Verb = (program, shell, finish) => {
  const store = program.command('store').description('look after the embedded store');
  const check = store
    .command('check')
    .description('read the whole embedded store and list what is damaged; changes nothing')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (flags: Flags) => {
      const { config } = settle(shell, check);
      const { kind, path } = config.transport;
      if (kind !== 'embedded') throw new SluiceError('store-missing', { why: `transport.kind is ${kind}` });
      const { checkStore } = await import('../../adapters/lmdb/index.js');
      const report = await checkStore(path, (name) => shell.say(`reading ${name}`));
      if (flags.format === 'json') await shell.out(`${JSON.stringify(report)}\n`);
      else {
        for (const { name, partitions, records } of report.topics)
          await shell.out(`${name}: ${counted(records, 'record')} in ${counted(partitions, 'partition')}\n`);
        for (const fault of report.faults) await shell.out(`damaged: ${fault}\n`);
        if (!report.hasChecksums)
          await shell.out('an earlier release made this store: its records have no checksums\n');
        if (report.faults.length === 0) await shell.out('the store is whole\n');
      }
      if (report.faults.length > 0) finish(3);
    });
  withHelp(withConfigOptions(check), {
    examples: [
      'sluice store check --config sluice.yaml',
      'sluice store check --set transport.path=.sluice/store --format json',
    ],
    exitCodes: [3],
  });
};
