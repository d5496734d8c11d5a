import { Option } from 'commander';
import type { SampleExplanation } from '../../app/explain/explain.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import type { SelectionSettings } from '../../pipeline/settings/selection.js';
import type { Pseudonymiser } from '../../ports/pseudonymiser.js';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { positiveInteger } from '../numbers.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

interface Flags {
  readonly top: number;
  readonly format: 'json' | 'text';
}

/** `sluice explain`: why a sample was predicted and kept as it was. */
export const explainVerb: Verb = (program, shell) => {
  const command = program
    .command('explain')
    .description(
      'explain why one sample was kept: its prediction, columns, importance, inclusion probability, threshold and coin',
    )
    .argument(
      '<sample-id>',
      'the sampleId, or the impression id as it was sent: requestId#position, or what the producer gave',
    )
    .option('--top <n>', 'how many columns the text shows (JSON has all)', positiveInteger, 15)
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (sampleId: string, flags: Flags) => {
      await withTransport(shell, command, async ({ config, logger, transport, codecs }) => {
        const { explainSample } = await import('../../app/explain/explain.js');
        const keyed = await pseudonymiserIfThere(config, logger);
        const explanation = await explainSample({ config, transport, codecs, keyed }, sampleId);
        await shell.out(
          flags.format === 'json'
            ? `${JSON.stringify(explanation, null, 2)}\n`
            : await explanationText(explanation, flags.top),
        );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      "sluice explain 'req-81#3' --config sluice.yaml",
      "sluice explain 'req-81#3' --config sluice.yaml --format json | jq .selection",
    ],
    exitCodes: [3, 4],
  });
};

/** Without the key, samples are found by the ids they went out with. */
async function pseudonymiserIfThere(config: Config, logger: Logger): Promise<Pseudonymiser | undefined> {
  const { openPseudonymiser } = await import('../../app/wire.js');
  return openPseudonymiser(config, { logger, mayMake: false }).catch((thrown: unknown) => {
    if (thrown instanceof SluiceError && thrown.code === 'key-missing') return undefined;
    throw thrown;
  });
}

/** What is told of a sample, for people. @param top columns shown */
export async function explanationText(explanation: SampleExplanation, top: number): Promise<string> {
  const { selectionLine } = await import('../../app/describe-selection.js');
  return [sampleText(explanation), selectionText(explanation, selectionLine), modelText(explanation, top)].join('\n');
}

function sampleText({ topic, sample }: SampleExplanation): string {
  return facts([
    ['sample', `${sample.sampleId} on ${topic}`],
    [
      'shown',
      `${new Date(sample.eventTimeMs).toISOString()} ${sample.surface} item ${sample.itemId} at position ${sample.position}`,
    ],
    ['label', `${sample.label} (${sample.outcome})`],
    ['prediction', sample.prediction === null ? 'none' : `${number(sample.prediction)} by ${sample.snapshotVersion}`],
  ]);
}

function selectionText(
  { topic, sample, selection }: SampleExplanation,
  lineOf: (settings: SelectionSettings) => string,
): string {
  const { coin, isBelow, isSaltOfNow, threshold, thresholdIs, why, id, settings } = selection;
  const fate =
    isBelow && isSaltOfNow !== false
      ? 'below π, so it was kept'
      : `${isBelow ? '' : 'not '}below π: the salt was another one then`;
  return facts([
    [
      'settings',
      id === null
        ? 'not recorded by the release that kept it'
        : `${id}: ${settings ? lineOf(settings) : 'nobody has recorded them'}`,
    ],
    ['importance', `${number(sample.importance)} by ${sample.scorer}`],
    [
      'threshold μ',
      threshold === null ? `unknown: ${why}` : `${thresholdIs === 'at most' ? 'at most ' : ''}${number(threshold)}`,
    ],
    [
      'π',
      `${number(sample.inclusionProbability)} (weight ${number(sample.importanceWeight)}, log-odds offset ${number(sample.logOddsOffset)})`,
    ],
    [
      'coin',
      topic === 'audit'
        ? `${number(coin)}, not thrown: the audit slice has a hash of its own`
        : `${number(coin)}, ${fate}`,
    ],
  ]);
}

function modelText({ model, why }: SampleExplanation, top: number): string {
  if (!model) return `no model: ${why}\n`;
  const members = model.members.length > 1 ? [['members', model.members.map(number).join(' ')] as const] : [];
  const ranking = model.ranking.slice(0, top).filter(({ gain }) => gain > 0);
  const ranked =
    ranking.length === 0
      ? ''
      : `\ncolumns of ${model.learner} by gain\n${textTable(
          ['column', 'gain'],
          ranking.map(({ column, gain }) => [column, Number(gain.toFixed(4))]),
        )}`;
  const head = facts([...members, ['computed again', number(model.prediction)]]);
  if (!model.paths) return `${head}no paths: ${model.why}\n${ranked}`;
  const { scale, base, total, columns, backgroundRows } = model.paths;
  const shown = columns.slice(0, top);
  const rest = columns.slice(top).reduce((sum, { contribution }) => sum + contribution, 0);
  const rows: (readonly (string | null)[])[] = [
    ['(base)', '', signed(base)],
    ...shown.map(({ column, value, contribution }) => [
      column,
      value === null ? 'missing' : number(value),
      signed(contribution),
    ]),
    ...(columns.length > top ? [[`(${columns.length - top} more)`, '', signed(rest)]] : []),
    ['(sum)', '', signed(total)],
  ];
  return `${head}\nwhat moved it, in ${scale}, from the mean of ${backgroundRows} audit rows\n${textTable(['column', 'value', 'moved by'], rows)}${ranked}`;
}

function facts(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name.padEnd(15)} ${value}\n`).join('');
}

function number(value: number): string {
  return String(Number(value.toPrecision(5)));
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(4)}`;
}
