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
      const { importTrivago } = await import('../../import/trivago.js');
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
    .description('import any CSV, NDJSON or Parquet log by a mapping file (docs/how/mapping.md)')
    .argument('<files...>', 'the log, one file or several (may be packed by gzip or zstd); - is standard input')
    .requiredOption('--mapping <file>', 'the mapping file (YAML)')
    .requiredOption('--out <dir>', 'folder to write to; created if it does not exist')
    .action(async (files: string[], flags: { mapping: string; out: string }) => {
      const { importMapped } = await import('../../import/import-mapped.js');
      const summary = await withMeter(shell, 'import', 'rows', (update) =>
        importMapped(files, flags.mapping, flags.out, update),
      );
      for (const doubt of summary.doubts ?? []) shell.say(`warning: ${doubt}`);
      const { sharedRequests = 0 } = summary;
      if (sharedRequests > 0)
        shell.say(
          `warning: ${sharedRequests} lists have the requestId of one with other items: their impressions share ids and are taken for one`,
        );
      await shell.out(`${JSON.stringify(summary)}\n`);
    });
  withHelp(command, {
    examples: [
      'sluice import mapped log.csv --mapping mapping.yaml --out ./events',
      'sluice import mapped monday.ndjson.gz tuesday.ndjson.zst --mapping mapping.yaml --out ./events',
      'zcat *.csv.gz | sluice import mapped - --mapping mapping.yaml --out ./events',
    ],
    exitCodes: [3],
  });
}
