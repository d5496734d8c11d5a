import { type Command, Option } from 'commander';
import type { DryRunFinding, DryRunSummary, TextFinding } from '../../app/dry-run/dry-run.js';
import { DECLARED_OUTCOMES } from '../../events/words.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted, positiveInteger } from '../numbers.js';
import { withMeter } from '../progress.js';
import type { Shell } from '../shell.js';
import type { Verb } from '../verb.js';
import { textTable } from '../table.js';

interface Flags {
  readonly as?: 'impressions' | 'interactions';
  readonly topic?: boolean;
  readonly last: number;
  readonly format: 'ndjson' | 'text';
}

/** `sluice dry-run`: what would become of events in files or topics, without writing anything. */
export const dryRunVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('dry-run')
    .description(
      'decode and clean event files, or the newest messages of the input topics, and print what would become a dead letter, find no impression, or is misspelt; writes nothing',
    )
    .argument('[file-or-dir]', 'an event file, or a folder of them')
    .option('--topic', 'the input topics of the config, in place of files')
    .addOption(
      new Option('--last <messages>', 'with --topic: newest messages of each')
        .argParser(positiveInteger)
        .default(10_000),
    )
    .addOption(
      new Option('--as <input>', 'what the file holds, if its name does not tell').choices([
        'impressions',
        'interactions',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'format of the findings on stdout').choices(['ndjson', 'text']).default('text'),
    )
    .action(async (path: string | undefined, flags: Flags) => {
      if ((path === undefined) !== (flags.topic === true))
        command.error('error: say what to read: a file, a folder, or --topic', { exitCode: 2 });
      const findings = new ShownFindings(shell);
      const summary = await look(shell, command, path, flags, findings);
      await findings.tellLeftOut();
      await tell(shell, summary, flags.format);
      if (summary.deadLetters > 0) finish(3);
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice dry-run ./events --config sluice.yaml',
      'sluice dry-run today.ndjson.gz --as impressions --format ndjson',
      'sluice dry-run --topic --last 50_000 --config sluice.yaml',
    ],
    exitCodes: [3, 4],
  });
};

async function look(
  shell: Shell,
  command: Command,
  path: string | undefined,
  flags: Flags,
  findings: ShownFindings,
): Promise<DryRunSummary> {
  const { config, logger } = settle(shell, command);
  const { dryRun, dryRunTopics } = await import('../../app/dry-run/dry-run.js');
  const onFinding = (finding: DryRunFinding): Promise<void> =>
    flags.format === 'ndjson' ? shell.out(`${JSON.stringify(finding)}\n`) : findings.show(finding);
  if (path !== undefined)
    return withMeter(shell, 'dry-run', 'messages', (update) =>
      dryRun({ config, nowMs: shell.clock.nowMs() }, path, flags.as, update, onFinding),
    );
  const { openCodecs, openTransport } = await import('../../app/wire.js');
  const { asProduced } = await import('../../app/dry-run/as-produced.js');
  const deps = { logger, clock: shell.clock };
  const transport = openTransport(asProduced(config), deps);
  try {
    const sources = { config, transport, codecs: openCodecs(config, deps) };
    return await withMeter(shell, 'dry-run', 'messages', (update) =>
      dryRunTopics(sources, flags.last, update, onFinding),
    );
  } finally {
    await transport.close();
  }
}

/** Findings whose reasons differ in numbers at the most, shown so often in text: the thousandth tells no more. */
const MOST_ALIKE = 3;
/** Kinds of findings that are told apart; whatever is of a further kind is shown. */
const MOST_KINDS = 1_000;

/** Shows findings as text, and of those that are alike the first. */
class ShownFindings {
  private readonly counts = new Map<string, number>();

  constructor(private readonly shell: Shell) {}

  async show(finding: DryRunFinding): Promise<void> {
    const kind = `${finding.code} (${finding.stage}): ${finding.reason.replaceAll(/\d+/g, '…')}`;
    const count = (this.counts.get(kind) ?? 0) + 1;
    if (count > 1 || this.counts.size < MOST_KINDS) this.counts.set(kind, count);
    if (count <= MOST_ALIKE) await this.shell.out(findingText(finding));
  }

  async tellLeftOut(): Promise<void> {
    for (const [kind, count] of this.counts) {
      const leftOut = count - MOST_ALIKE;
      if (leftOut > 0) await this.shell.out(`${leftOut} more of ${kind} (--format ndjson lists all)\n`);
    }
  }
}

function findingText(finding: DryRunFinding): string {
  const where =
    'file' in finding ? `${finding.file}:${finding.line}` : `${finding.topic}-${finding.partition}@${finding.offset}`;
  const item = finding.itemIndex === null ? '' : ` item ${finding.itemIndex}`;
  return `${where}${item} ${finding.code} (${finding.stage}): ${finding.reason}\n`;
}

async function tell(shell: Shell, summary: DryRunSummary, format: Flags['format']): Promise<void> {
  const codes = Object.entries(summary.byCode).sort(([, left], [, right]) => right - left);
  if (codes.length > 0) shell.say(textTable(['code', 'dead letters'], codes).trimEnd());
  const declared = Object.entries(summary.declared).map(([name, counts]): (string | number)[] => [
    name,
    ...DECLARED_OUTCOMES.map((outcome) => counts[outcome]),
  ]);
  if (declared.length > 0) shell.say(textTable(['declared feature', ...DECLARED_OUTCOMES], declared).trimEnd());
  await tellJoins(shell, summary, format);
  await tellMisspelt(shell, summary, format);
  if (summary.texts !== null) await tellTexts(shell, summary.texts, format);
  shell.say(
    `${summary.impressions} impressions and ${summary.interactions} interactions read, ` +
      `${summary.deadLetters} would become dead letters`,
  );
  const { impressions, interactions } = summary.duplicates;
  if (impressions + interactions > 0)
    shell.say(`${counted(impressions, 'impression')} and ${counted(interactions, 'interaction')} are duplicates`);
}

/** Fates at which nothing is wrong. */
const HARMLESS = new Set(['joined', 'not-judged']);

async function tellJoins(shell: Shell, { joins }: DryRunSummary, format: Flags['format']): Promise<void> {
  const { JOIN_FATES } = await import('../../app/dry-run/dry-run.js');
  for (const { fate, interactions, example } of joins) {
    const reason = `${interactions} of the interactions ${JOIN_FATES[fate]}`;
    if (HARMLESS.has(fate)) shell.say(reason);
    else if (format === 'ndjson')
      await shell.out(`${JSON.stringify({ code: `join-${fate}`, interactions, example, reason })}\n`);
    else await shell.out(`warning: ${reason} (such as ${example})\n`);
  }
}

async function tellMisspelt(shell: Shell, { misspelt }: DryRunSummary, format: Flags['format']): Promise<void> {
  for (const { input, field, meant, messages } of misspelt) {
    const reason = `${field} in ${counted(messages, 'message')} of ${input} is no field that anything reads; did you mean ${meant}?`;
    await shell.out(
      format === 'ndjson'
        ? `${JSON.stringify({ code: 'misspelt-field', input, field, meant, messages, reason })}\n`
        : `warning: ${reason}\n`,
    );
  }
}

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
