import { Argument, type Command, Option } from 'commander';
import type { RecordTopic } from '../../app/dump/index.js';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted, positiveInteger, timeOf } from '../numbers.js';
import type { Shell } from '../shell.js';
import { openSink } from '../sink.js';
import type { Verb } from '../verb.js';
import { type Connected, withTransport } from '../with-transport.js';

const TOPICS = ['training', 'audit', 'late', 'dead-letters', 'snapshots'] as const;
type Topic = (typeof TOPICS)[number];
const FORMATS = ['ndjson', 'csv', 'parquet', 'arrow'] as const;

interface Flags {
  readonly format: (typeof FORMATS)[number];
  readonly out?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly columns?: readonly string[];
  readonly featureSet?: string;
  readonly follow?: true;
  readonly fileRows: number;
  readonly fileSeconds: number;
}

/** `sluice dump`: an output topic as a committed reader reads it. */
export const dumpVerb: Verb = (program, shell) => {
  const command = program
    .command('dump')
    .description('write the committed records of an output topic, up to its present end')
    .addArgument(new Argument('<topic>', 'which topic').choices(TOPICS))
    .addOption(
      new Option('--format <format>', 'output format; Parquet and Arrow IPC have typed columns and need --out')
        .choices(FORMATS)
        .default('ndjson'),
    )
    .option('--out <file>', 'write to a file instead of stdout')
    .option('--since <time>', 'only rows written at this time or later (ISO 8601)', timeOf)
    .option('--until <time>', 'only rows written before this time', timeOf)
    .option('--limit <count>', 'at most so many rows', positiveInteger)
    .option('--columns <names>', 'only these columns, separated by commas; * stands for any text', listOf)
    .option('--feature-set <id>', 'only rows of this feature set')
    .option('--follow', 'wait for further rows at the end, until interrupted; Parquet files go to a folder (--out)')
    .option('--file-rows <count>', 'with --follow and parquet: most rows of a file', positiveInteger, 100_000)
    .option(
      '--file-seconds <count>',
      'with --follow and parquet: most seconds between rows and file',
      positiveInteger,
      300,
    )
    .action(async (topic: Topic, flags: Flags) => {
      refuseMisuse(command, topic, flags);
      await withTransport(shell, command, async (connected) => {
        const rows = await dumped(shell, connected, topic, flags);
        shell.say(`${counted(rows, 'row')} of ${topic}`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dump training --config sluice.yaml --format parquet --out training.parquet',
      "sluice dump audit --config sluice.yaml --format csv --columns 'label,logOddsOffset,feature.*' --out audit.csv",
      'sluice dump training --config sluice.yaml --follow --format parquet --out samples',
      'sluice dump dead-letters --config sluice.yaml | jq -r .code | sort | uniq -c',
    ],
    exitCodes: [3, 4],
  });
};

async function dumped(shell: Shell, connected: Connected, topic: Topic, flags: Flags): Promise<number> {
  const { dumpTable, dumpTopic, followToFiles } = await import('../../app/dump/index.js');
  const { format, since, until, limit, columns, featureSet, fileRows, fileSeconds } = flags;
  if (format === 'parquet' && flags.follow)
    return followToFiles(connected, topic as RecordTopic, {
      folder: flags.out!,
      rotation: { maxRows: fileRows, maxAgeMs: fileSeconds * 1_000 },
      columns,
      featureSet,
      signal: shell.signal,
      clock: shell.clock,
      logger: connected.logger,
    });
  const choice = { sinceMs: since, untilMs: until, limit, columns, featureSet };
  const sink = openSink(shell, flags.out);
  if (format === 'parquet' || format === 'arrow')
    return dumpTable(connected, topic as RecordTopic, format, (action) => sink.use(action), choice);
  const follow = flags.follow ? shell.signal : undefined;
  return sink.use((write) => dumpTopic(connected, topic, format, write, { ...choice, follow }));
}

function refuseMisuse(command: Command, topic: Topic, flags: Flags): void {
  const isTable = flags.format === 'parquet' || flags.format === 'arrow';
  const narrowing = ['since', 'until', 'limit', 'columns', 'featureSet', 'follow'] as const;
  const misuse =
    isTable && flags.out === undefined
      ? `--format ${flags.format} needs --out FILE`
      : flags.format === 'arrow' && flags.follow
        ? '--format arrow is a file with an end: --follow needs parquet, ndjson or csv'
        : flags.format === 'parquet' && flags.follow && (flags.since ?? flags.until ?? flags.limit) !== undefined
          ? '--follow into files takes every row: leave out --since, --until and --limit'
          : isTable && topic === 'snapshots'
            ? 'snapshots are dumped as ndjson or csv'
            : topic === 'snapshots' && narrowing.some((name) => flags[name] !== undefined)
              ? 'nothing narrows a dump of snapshots'
              : flags.follow && flags.until !== undefined
                ? 'give --follow or --until, not both'
                : undefined;
  if (misuse !== undefined) command.error(`error: ${misuse}`, { exitCode: 2 });
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
