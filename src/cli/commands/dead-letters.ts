import { type Command, Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Shell } from '../shell.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

interface Filter {
  readonly code?: string;
  readonly stage?: string;
  readonly id?: readonly string[];
}

/** `sluice dead-letters`: input that could not be used, and how to send it again. */
export const deadLettersVerb: Verb = (program, shell) => {
  const family = program.command('dead-letters').description('list, show and requeue input that could not be used');
  addList(family, shell);
  addShow(family, shell);
  addRequeue(family, shell);
};

function withFilter(command: Command): Command {
  return command
    .option('--code <code>', 'only those with this error code (docs/reference/errors.md)')
    .option('--stage <stage>', 'only those that failed in this stage (decode, clean, …)');
}

function addList(family: Command, shell: Shell): void {
  const command = withFilter(
    family.command('list').description('list dead letters, oldest first, without their payload'),
  )
    .addOption(new Option('--format <format>', 'output format').choices(['ndjson', 'text']).default('text'))
    .action(async (flags: Filter & { format: 'ndjson' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { readDeadLetters } = await import('../../app/dead-letters.js');
        const found = await readDeadLetters(transport, flags);
        if (flags.format === 'ndjson') {
          for (const { id, letter } of found) {
            const { payload: _payload, key: _key, ...rest } = letter;
            await shell.out(`${JSON.stringify({ id, ...rest })}\n`);
          }
          return;
        }
        const rows = found.map(({ id, letter }) => [
          id,
          letter.code,
          letter.stage,
          `${letter.sourceTopic}-${letter.sourcePartition}@${letter.sourceOffset}`,
          letter.itemIndex,
          letter.refusedCount,
          letter.payloadSha256 === null ? '' : `${letter.payload.length} of ${letter.payloadBytes} bytes`,
          letter.reason.slice(0, 100),
        ]);
        await shell.out(textTable(['id', 'code', 'stage', 'source', 'item', 'refused', 'cut', 'reason'], rows));
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
        'send dead letters again to the topic they came from, bytes unchanged; parts that were accepted the first time count as duplicates; a cut one is read where it came from, or refused',
      ),
  )
    .option('--id <id...>', 'only those with these ids')
    .option('--all', 'requeue every dead letter')
    .action(async (flags: Filter & { all?: boolean }) => {
      const isNarrow = flags.code !== undefined || flags.stage !== undefined || flags.id !== undefined;
      if (!isNarrow && flags.all !== true)
        command.error('error: say which: --code, --stage, --id or --all', { exitCode: 2 });
      await withTransport(shell, command, async ({ transport, config }) => {
        const { requeueDeadLetters } = await import('../../app/dead-letters.js');
        const count = await requeueDeadLetters(transport, config.topics, flags);
        shell.say(`requeued ${count} messages`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dead-letters requeue --code unknown-currency --config sluice.yaml',
      'sluice dead-letters requeue --id 0:17 0:18 --config sluice.yaml',
    ],
    exitCodes: [3, 4],
  });
}
