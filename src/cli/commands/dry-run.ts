import { Option } from 'commander';
import { DECLARED_OUTCOMES } from '../../events/words.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { withMeter } from '../progress.js';
import type { TextFinding } from '../../app/dry-run.js';
import type { Shell } from '../shell.js';
import type { Verb } from '../verb.js';
import { textTable } from '../table.js';

interface Flags {
  readonly as?: 'impressions' | 'interactions';
  readonly format: 'ndjson' | 'text';
}

/** `sluice dry-run`: what would be dead-lettered of event files, without writing anything. */
export const dryRunVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('dry-run')
    .description('decode and clean event files and print what would become a dead letter; writes nothing')
    .argument('<file-or-dir>', 'an event file, or a folder of them')
    .addOption(
      new Option('--as <input>', 'what the file holds, if its name does not tell').choices([
        'impressions',
        'interactions',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'format of the findings on stdout').choices(['ndjson', 'text']).default('text'),
    )
    .action(async (path: string, flags: Flags) => {
      const { config } = settle(shell, command);
      const { dryRun } = await import('../../app/dry-run.js');
      const summary = await withMeter(shell, 'dry-run', 'messages', (update) =>
        dryRun({ config, nowMs: shell.clock.nowMs() }, path, flags.as, update, async (finding) => {
          const where = `${finding.file}:${finding.line}${finding.itemIndex === null ? '' : ` item ${finding.itemIndex}`}`;
          await shell.out(
            flags.format === 'ndjson'
              ? `${JSON.stringify(finding)}\n`
              : `${where} ${finding.code} (${finding.stage}): ${finding.reason}\n`,
          );
        }),
      );
      const codes = Object.entries(summary.byCode).sort(([, left], [, right]) => right - left);
      if (codes.length > 0) shell.say(textTable(['code', 'dead letters'], codes).trimEnd());
      const declared = Object.entries(summary.declared).map(([name, counts]): (string | number)[] => [
        name,
        ...DECLARED_OUTCOMES.map((outcome) => counts[outcome]),
      ]);
      if (declared.length > 0) shell.say(textTable(['declared feature', ...DECLARED_OUTCOMES], declared).trimEnd());
      shell.say(
        `${summary.impressions} impressions and ${summary.interactions} interactions read, ` +
          `${summary.deadLetters} would become dead letters`,
      );
      if (summary.texts !== null) await tellTexts(shell, summary.texts, flags.format);
      if (summary.deadLetters > 0) finish(3);
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dry-run ./events --config sluice.yaml',
      'sluice dry-run today.ndjson.gz --as impressions --format ndjson',
      'sluice dry-run ./events --set clean.maxItems=50',
    ],
    exitCodes: [3],
  });
};

/** What the encoder makes of the texts: a finding when it does not know them, else a line beside the counts. */
async function tellTexts(
  shell: Shell,
  { model, textCount, unknownFraction, remedy }: TextFinding,
  format: Flags['format'],
): Promise<void> {
  const share = `${(100 * unknownFraction).toFixed(1)} % of the tokens of ${textCount} texts are unknown to encoder ${model}`;
  if (remedy === null) return shell.say(share);
  await shell.out(
    format === 'ndjson'
      ? `${JSON.stringify({ code: 'unknown-tokens', model, textCount, unknownFraction, reason: share, remedy })}\n`
      : `warning: ${share}: ${remedy}\n`,
  );
}
