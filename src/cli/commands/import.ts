import type { Command } from 'commander';
import { withHelp } from '../help.js';
import { withMeter } from '../progress.js';
import type { Verb } from '../verb.js';
import type { Shell } from '../shell.js';

/** `sluice import`: public or own logs into event files. */
export const importVerb: Verb = (program, shell) => {
  const family = program.command('import').description('turn a log into event files');
  addTrivago(family, shell);
  addMapped(family, shell);
};

function addTrivago(family: Command, shell: Shell): void {
  const command = family
    .command('trivago')
    .description('import the session log of the RecSys Challenge 2019 (CSV, may be .gz)')
    .argument('<file>', 'the log')
    .requiredOption('--out <dir>', 'folder to write to; created if it does not exist')
    .action(async (file: string, flags: { out: string }) => {
      const { importTrivago } = await import('../../import/index.js');
      const summary = await withMeter(shell, 'import', 'rows', (update) => importTrivago(file, flags.out, update));
      await shell.out(`${JSON.stringify(summary)}\n`);
    });
  withHelp(command, {
    examples: [
      'sluice import trivago train.csv --out ./events',
      'sluice import trivago sessions.csv.gz --out ./events',
    ],
    exitCodes: [3],
  });
}

function addMapped(family: Command, shell: Shell): void {
  const command = family
    .command('mapped')
    .description('import any CSV or NDJSON log by a mapping file (docs/how/mapping.md)')
    .argument('<file>', 'the log (.csv, .ndjson, either may be .gz)')
    .requiredOption('--mapping <file>', 'the mapping file (YAML)')
    .requiredOption('--out <dir>', 'folder to write to; created if it does not exist')
    .action(async (file: string, flags: { mapping: string; out: string }) => {
      const { importMapped } = await import('../../import/index.js');
      const summary = await withMeter(shell, 'import', 'rows', (update) =>
        importMapped(file, flags.mapping, flags.out, update),
      );
      await shell.out(`${JSON.stringify(summary)}\n`);
    });
  withHelp(command, {
    examples: [
      'sluice import mapped log.csv --mapping mapping.yaml --out ./events',
      'sluice import mapped log.ndjson.gz --mapping mapping.yaml --out ./events',
    ],
    exitCodes: [3],
  });
}
