import { streamTopics } from '../../config/topics.js';
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { DeadLetterFilter } from '../../app/dead-letters.js';
import type { JsonChange } from '../../app/json-patch.js';
import type { Requeued } from '../../app/requeue.js';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted, positiveInteger, timeOf } from '../numbers.js';
import type { Shell } from '../shell.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

interface Filter {
  readonly code?: string;
  readonly stage?: string;
  readonly id?: readonly string[];
  readonly since?: number;
  readonly limit?: number;
}

interface RequeueFlags extends Filter {
  readonly all?: boolean;
  readonly again?: boolean;
  readonly patch?: string;
  readonly dryRun?: boolean;
}

/** `sluice dead-letters`: input that could not be used, and how to send it again. */
export const deadLettersVerb: Verb = (program, shell) => {
  const family = program
    .command('dead-letters')
    .description('summarise, list, show and requeue input that could not be used');
  addSummary(family, shell);
  addList(family, shell);
  addShow(family, shell);
  addRequeue(family, shell);
};

function withFilter(command: Command): Command {
  return command
    .option('--code <code>', 'only those with this error code (docs/reference/errors.md)')
    .option('--stage <stage>', 'only those that failed in this stage (decode, clean, …)')
    .option('--since <time>', 'only those written at this time or later (ISO 8601)', timeOf)
    .option('--limit <n>', 'at most this many, oldest first', positiveInteger);
}

function filterOf({ code, stage, id, since, limit }: Filter): DeadLetterFilter {
  return { code, stage, id, sinceMs: since, limit };
}

function addSummary(family: Command, shell: Shell): void {
  const command = withFilter(
    family
      .command('summary')
      .description('count what was refused by code, stage and field, most frequent first, with the remedy of each'),
  )
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (flags: Filter & { format: 'json' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const [{ readDeadLetters }, { summariseDeadLetters }] = await Promise.all([
          import('../../app/dead-letters.js'),
          import('../../app/summarise-dead-letters.js'),
        ]);
        const kinds = summariseDeadLetters(await readDeadLetters(transport, filterOf(flags)));
        if (flags.format === 'json') return shell.out(`${JSON.stringify(kinds, null, 2)}\n`);
        if (kinds.length === 0) return shell.out('no dead letters\n');
        const rows = kinds.map((kind) => [
          kind.code,
          kind.stage,
          kind.field,
          kind.messages,
          kind.refused,
          kind.requeued,
          new Date(kind.lastMs).toISOString(),
          kind.example,
        ]);
        const head = ['code', 'stage', 'field', 'messages', 'refused', 'requeued', 'last written', 'example'];
        const remedies = new Map(kinds.flatMap(({ code, remedy }) => (remedy === null ? [] : [[code, remedy]])));
        await shell.out(textTable(head, rows));
        await shell.out(`\n${[...remedies].map(([code, remedy]) => `${code}: ${remedy}\n`).join('')}`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dead-letters summary --config sluice.yaml',
      'sluice dead-letters summary --since 2026-03-01T09:00Z --config sluice.yaml --format json',
    ],
    exitCodes: [4],
  });
}

function addList(family: Command, shell: Shell): void {
  const command = withFilter(
    family.command('list').description('list dead letters, oldest first, without their payload'),
  )
    .addOption(new Option('--format <format>', 'output format').choices(['ndjson', 'text']).default('text'))
    .action(async (flags: Filter & { format: 'ndjson' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { readDeadLetters } = await import('../../app/dead-letters.js');
        const found = await readDeadLetters(transport, filterOf(flags));
        if (flags.format === 'ndjson') {
          for (const { id, letter, isRequeued } of found) {
            const { payload: _payload, key: _key, ...rest } = letter;
            await shell.out(`${JSON.stringify({ id, isRequeued, ...rest })}\n`);
          }
          return;
        }
        const rows = found.map(({ id, letter, isRequeued }) => [
          id,
          letter.code,
          letter.stage,
          `${letter.sourceTopic}-${letter.sourcePartition}@${letter.sourceOffset}`,
          letter.itemIndex,
          letter.refusedCount,
          letter.payloadSha256 === null ? '' : `${letter.payload.length} of ${letter.payloadBytes} bytes`,
          isRequeued ? 'yes' : '',
          letter.reason,
        ]);
        await shell.out(
          textTable(['id', 'code', 'stage', 'source', 'item', 'refused', 'cut', 'requeued', 'reason'], rows),
        );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dead-letters list --config sluice.yaml',
      'sluice dead-letters list --config sluice.yaml --code missing-field --format ndjson',
    ],
    exitCodes: [4],
  });
}

function addShow(family: Command, shell: Shell): void {
  const command = family
    .command('show')
    .description('show one dead letter with its payload')
    .argument('<id>', 'partition:offset, as `dead-letters list` shows it')
    .option('--raw', 'write the payload alone, byte by byte as it came')
    .action(async (id: string, flags: { raw?: boolean }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { deadLetterJson, oneDeadLetter } = await import('../../app/dead-letters.js');
        const found = await oneDeadLetter(transport, id);
        await shell.out(
          flags.raw === true ? found.letter.payload : `${JSON.stringify(deadLetterJson(found), null, 2)}\n`,
        );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dead-letters show 0:17 --config sluice.yaml',
      'sluice dead-letters show 0:17 --raw --config sluice.yaml > message.json',
    ],
    exitCodes: [4],
  });
}

function addRequeue(family: Command, shell: Shell): void {
  const command = withFilter(
    family
      .command('requeue')
      .description(
        'send the messages of dead letters again to the topic they came from, each once; parts that were accepted the first time count as duplicates; one that was cut is read again from its topic, or refused',
      ),
  )
    .option('--id <id...>', 'only those with these ids')
    .option('--all', 'requeue every dead letter')
    .option('--again', 'send what an earlier requeue sent, too')
    .option('--patch <file>', 'change each message first by a JSON patch (RFC 6902), and show what changed')
    .option('--dry-run', 'send nothing; say what would be sent, and show what a patch changes')
    .action(async (flags: RequeueFlags) => {
      const isNarrow = [flags.code, flags.stage, flags.id, flags.since].some((given) => given !== undefined);
      if (!isNarrow && flags.all !== true)
        command.error('error: say which: --code, --stage, --since, --id or --all', { exitCode: 2 });
      const { parsePatch } = await import('../../app/json-patch.js');
      const patch = flags.patch === undefined ? undefined : parsePatch(readFileSync(flags.patch, 'utf8'));
      await withTransport(shell, command, async ({ transport, config }) => {
        const { requeueDeadLetters } = await import('../../app/requeue.js');
        const isDry = flags.dryRun === true;
        const options = { filter: filterOf(flags), again: flags.again === true, patch, isDry };
        const requeued = await requeueDeadLetters(transport, streamTopics(config), options);
        for (const { id, changes } of requeued.changes) await shell.out(`${id}\n${changes.map(changeText).join('')}`);
        for (const line of requeueLines(requeued, isDry)) shell.say(line);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dead-letters requeue --code unknown-currency --config sluice.yaml',
      'sluice dead-letters requeue --id 0:17 0:18 --config sluice.yaml',
      'sluice dead-letters requeue --code invalid-field --patch patch.json --dry-run --config sluice.yaml',
    ],
    exitCodes: [3, 4],
  });
}

function requeueLines({ sent, sentBefore, repeated, batches }: Requeued, isDry: boolean): readonly string[] {
  return [
    `${isDry ? 'would requeue' : 'requeued'} ${counted(sent, 'message')}`,
    ...(sentBefore > 0
      ? [`${counted(sentBefore, 'message')} had been requeued before and stayed where they are; --again sends them`]
      : []),
    ...(batches > 0
      ? [
          `${counted(batches, 'letter')} of a whole batch of the log: no requeue can send one; let its producer send the messages again (\`dead-letters show\` names the offsets)`,
        ]
      : []),
    ...(repeated > 0 ? [`${counted(repeated, 'letter')} hold the same bytes as another one: those go out once`] : []),
  ];
}

/** A changed leaf as a diff shows it. */
function changeText({ path, before, after }: JsonChange): string {
  const line = (sign: string, value: unknown): string =>
    value === undefined ? '' : `  ${sign} ${path}: ${JSON.stringify(value)}\n`;
  return line('-', before) + line('+', after);
}
