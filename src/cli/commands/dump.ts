import { Argument, Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import { openSink } from '../sink.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

const TOPICS = ['training', 'audit', 'late', 'dead-letters', 'snapshots'] as const;

interface Flags {
  readonly format: 'ndjson' | 'csv';
  readonly out?: string;
}

/** `sluice dump`: an output topic as a committed reader reads it. */
export const dumpVerb: Verb = (program, shell) => {
  const command = program
    .command('dump')
    .description('write the committed records of an output topic, up to its present end, as NDJSON or CSV')
    .addArgument(new Argument('<topic>', 'which topic').choices(TOPICS))
    .addOption(
      new Option('--format <format>', 'output format, one record per line')
        .choices(['ndjson', 'csv'])
        .default('ndjson'),
    )
    .option('--out <file>', 'write to a file instead of stdout')
    .action(async (topic: (typeof TOPICS)[number], flags: Flags) => {
      await withTransport(shell, command, async ({ config, transport, codecs }) => {
        const { dumpTopic } = await import('../../app/dump.js');
        const sink = openSink(shell, flags.out);
        const rows = await sink.use((write) => dumpTopic({ transport, codecs, config }, topic, flags.format, write));
        shell.say(`${counted(rows, 'row')} of ${topic}`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dump training --config sluice.yaml --format csv --out training.csv',
      'sluice dump audit --config sluice.yaml | head -1',
      'sluice dump dead-letters --config sluice.yaml | jq -r .code | sort | uniq -c',
    ],
    exitCodes: [3, 4],
  });
};
