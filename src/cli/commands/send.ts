import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import { withMeter } from '../progress.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

/** `sluice send`: event files into the input topics. */
export const sendVerb: Verb = (program, shell) => {
  const command = program
    .command('send')
    .description('append a folder of event files to the input topics')
    .argument('<dir>', 'folder with impressions.ndjson and interactions.ndjson (or .gz); with --table a file')
    .option('--table <name>', 'append the rows of a file (NDJSON, CSV, Parquet) to the topic of this table')
    .action(async (folder: string, { table: name }: { readonly table?: string }) => {
      await withTransport(shell, command, async ({ config, transport, codecs }) => {
        if (name !== undefined) {
          const table = config.tables.find((one) => one.name === name);
          if (!table) return command.error(`error: there is no table ${name} in the config`, { exitCode: 2 });
          const { sendTable } = await import('../../app/tables/send-table.js');
          shell.say(`sent ${counted(await sendTable(table, folder, transport), 'row')} of ${name}`);
          return;
        }
        const { sendEvents } = await import('../../adapters/event-files/index.js');
        const needsCodec = config.wire.inputFormat !== 'json';
        if (needsCodec) for (const codec of [codecs.impressions, codecs.interactions]) await codec.ready?.();
        const sent = await withMeter(shell, 'send', 'events', (update) =>
          sendEvents(folder, transport, needsCodec ? codecs : undefined, update),
        );
        shell.say(
          `sent ${sent.impressions} impression lists and ${sent.interactions} interactions, ${sent.bytes} bytes` +
            (sent.sentAsIs === 0 ? '' : `; ${sent.sentAsIs} lines are no events and will become dead letters`),
        );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice send ./events --config sluice.yaml',
      'sluice send catalogue.csv --table shop --config sluice.yaml',
      'sluice send ./events --set transport.kind=kafka --set transport.brokers=localhost:9092',
    ],
    exitCodes: [3, 4],
  });
};
