import { Option, type Command } from 'commander';
import type { Importances } from '../../learn/explain/importance.js';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Shell } from '../shell.js';
import { textTable } from '../table.js';
import { withTransport } from '../with-transport.js';
import { VERSION_ARGUMENT } from './snapshot-registry.js';

/** Adds `sluice snapshot importance`. */
export function addImportance(family: Command, shell: Shell): void {
  const command = family
    .command('importance')
    .description(
      'say what each column is worth to a snapshot: how much its log loss on the newest audit rows rises when the values of the column are shuffled, with standard errors; proposes columns for features.omit',
    )
    .argument('[version]', VERSION_ARGUMENT, 'champion')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (named: string, flags: { format: 'json' | 'text' }) => {
      await withTransport(shell, command, async (connected) => {
        const { readCatalogue, unpack, versionOf } = await import('../../snapshot/index.js');
        const { snapshotImportance } = await import('../../app/snapshot-importance.js');
        const { auditRows } = await import('../../app/promotion.js');
        const state = await readCatalogue(connected.transport);
        const snapshot = unpack(state, versionOf(state, named));
        const { version, featureSetId, columns } = snapshot.manifest;
        const audit = await auditRows(connected, featureSetId, columns.length);
        const importances = await snapshotImportance(snapshot, audit);
        await shell.out(
          flags.format === 'json'
            ? `${JSON.stringify({ version, ...importances })}\n`
            : textOf(version, importances, connected.config.features.omit),
        );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot importance --config sluice.yaml',
      'sluice snapshot importance previous --config sluice.yaml --format json',
    ],
    exitCodes: [3, 4],
  });
}

function textOf(version: string, given: Importances, omitted: readonly string[]): string {
  const { rows, logLoss, columns, toLeaveOut, together } = given;
  const share = (value: number): number => Number(((100 * value) / logLoss).toFixed(3));
  const table = textTable(
    ['column', 'log loss +%', 'standard error'],
    columns.map(({ column, rise, standardError }) => [column, share(rise), share(standardError)]),
  );
  const proposal = together
    ? `Nothing would be missed, with 95 % confidence, without these ${toLeaveOut.length}, shuffled all at once: ${share(together.rise)} ± ${share(together.standardError)} %.\nfeatures.omit: [${[...omitted, ...toLeaveOut].join(', ')}]\n`
    : 'No column is worth so little, with 95 % confidence, that it could be left out.\n';
  return `${version} on ${rows} audit rows, log loss ${logLoss.toFixed(4)}:\n${table}${proposal}`;
}
