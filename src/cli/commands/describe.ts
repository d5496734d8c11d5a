import { existsSync } from 'node:fs';
import { Argument, Option } from 'commander';
import type { EncoderFacts } from '../../app/describe.js';
import type { Config } from '../../config/schema.js';
import { messageOf } from '../../errors.js';
import { settle, type Settled, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Shell } from '../shell.js';
import type { Verb } from '../verb.js';
import { textTable } from '../table.js';

type Format = 'json' | 'text' | 'mermaid' | 'svg';
interface Flags {
  readonly format: Format;
}

/** `sluice describe`: columns of the feature set, stages of the pipeline, what samples were selected under, a user. */
export const describeVerb: Verb = (program, shell) => {
  const command = program
    .command('describe')
    .description(
      'list the columns of `features` in a sample, the stages of the pipeline in order, the selection settings that samples name, or what the newest checkpoints remember of a user',
    )
    .addArgument(new Argument('<what>', 'what to describe').choices(['features', 'pipeline', 'selection', 'user']))
    .argument('[id]', 'the selectionId of a sample: only those settings; the userPseudonym of one: that user')
    .addOption(
      new Option('--format <format>', 'output format; mermaid, svg: the pipeline as a picture')
        .choices(['json', 'text', 'mermaid', 'svg'])
        .default('text'),
    )
    .action(async (what: 'features' | 'pipeline' | 'selection' | 'user', id: string | undefined, { format }: Flags) => {
      if (id !== undefined && what !== 'selection' && what !== 'user')
        command.error("error: only selection settings and users have an id: 'describe selection', 'describe user'");
      if (id === undefined && what === 'user')
        command.error("error: which user? Give the userPseudonym of a sample: 'describe user PSEUDONYM'");
      if (what === 'pipeline') return tellPipeline(shell, format);
      if (format === 'mermaid' || format === 'svg')
        command.error("error: only the pipeline has a picture: 'describe pipeline'");
      if (what === 'user') return tellUser(shell, settle(shell, command), id!, format);
      if (what === 'selection') return tellSelection(shell, settle(shell, command), id, format);
      const settled = settle(shell, command);
      const { describeEncoder, describeFeatures } = await import('../../app/describe.js');
      const config = await asChosen(shell, settled);
      const described = await describeFeatures(config);
      const encoder = await describeEncoder(config);
      if (format === 'json') {
        await shell.out(`${JSON.stringify({ ...described, encoder: encoder ?? null }, null, 2)}\n`);
        return;
      }
      const rows = described.columns.map(({ name, unit, meaning }, index) => [index, name, unit, meaning]);
      await shell.out(
        `feature set ${described.featureSetId}\n${encoderLine(encoder)}\n${textTable(['column', 'name', 'unit', 'meaning'], rows)}`,
      );
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice describe features --config sluice.yaml',
      'sluice describe pipeline --format svg > pipeline.svg',
      'sluice describe selection 5f0c3a1e --config sluice.yaml',
      'sluice describe user 9f86d081884c7d659a2feaa0c55ad015 --config sluice.yaml',
    ],
    exitCodes: [4],
  });
};

function encoderLine(encoder: EncoderFacts | undefined): string {
  if (encoder === undefined) return 'no encoder';
  const { encoderId, device, cards } = encoder;
  return `encoder ${encoderId} on ${[device, ...cards].join(', ')}`;
}

async function tellPipeline(shell: Shell, format: Format): Promise<void> {
  const { describePipeline, pipelineChart } = await import('../../app/describe-pipeline.js');
  const stages = describePipeline();
  switch (format) {
    case 'json':
      return shell.out(`${JSON.stringify({ stages }, null, 2)}\n`);
    case 'mermaid':
      return shell.out(pipelineChart(stages));
    case 'svg': {
      const { pipelineSvg } = await import('../../app/pipeline-svg.js');
      return shell.out(pipelineSvg(stages));
    }
    case 'text': {
      const rows = stages.map(({ name, takes, gives, repeatedByRestore, does }) => [
        name,
        takes,
        gives,
        repeatedByRestore ? 'yes' : 'no',
        does,
      ]);
      return shell.out(textTable(['stage', 'takes', 'gives', 'repeated by a restore', 'what it does'], rows));
    }
  }
}

async function tellSelection(
  shell: Shell,
  { config, logger }: Settled,
  id: string | undefined,
  format: Format,
): Promise<void> {
  const { describeSelections, selectionLine } = await import('../../app/describe-selection.js');
  const { openTransport } = await import('../../app/wire.js');
  const transport = hasTopics(config) ? openTransport(config, { logger, clock: shell.clock }) : undefined;
  try {
    const selections = await describeSelections(config, transport, id);
    if (format === 'json') return await shell.out(`${JSON.stringify({ selections }, null, 2)}\n`);
    const rows = selections.map(({ id: of, sinceMs, isNow, settings }) => [
      of,
      sinceMs === null ? 'none kept yet' : new Date(sinceMs).toISOString(),
      isNow ? 'yes' : 'no',
      selectionLine(settings),
    ]);
    await shell.out(textTable(['id', 'first kept', 'now', 'settings'], rows));
  } finally {
    await transport?.close();
  }
}

async function tellUser(shell: Shell, { config, logger }: Settled, pseudonym: string, format: Format): Promise<void> {
  const { describeUser } = await import('../../app/describe-user.js');
  const { openTransport } = await import('../../app/wire.js');
  const transport = hasTopics(config) ? openTransport(config, { logger, clock: shell.clock }) : undefined;
  try {
    const user = transport
      ? await describeUser(config, transport, pseudonym, logger)
      : { pseudonym, checkpoints: 0, profiles: [] };
    if (format === 'json') return await shell.out(`${JSON.stringify(user, null, 2)}\n`);
    if (user.checkpoints === 0)
      return await shell.out('There is no checkpoint yet, so nothing is remembered of anybody.\n');
    if (user.profiles.length === 0)
      return await shell.out(`Nothing is remembered of this user in ${user.checkpoints} checkpoints.\n`);
    for (const { partition, asOfMs, columns, tastes, history, attributes } of user.profiles) {
      const rows = [
        ...Object.entries(columns).map(([name, value]) => [name, value ?? 'missing']),
        ...Object.entries(attributes).map(([name, value]) => [
          name,
          typeof value === 'number' ? value : value.join(' '),
        ]),
        ...Object.entries(tastes).map(([name, vector]) => [`${name}, taste`, JSON.stringify(vector)]),
        ...Object.entries(history).map(([name, value]) => [name, value?.itemIds.join(' ') ?? '']),
      ];
      await shell.out(
        `partition ${partition}, as of ${new Date(asOfMs).toISOString()}\n${textTable(['what', 'value'], rows)}`,
      );
    }
  } finally {
    await transport?.close();
  }
}

function hasTopics({ transport: { kind, path } }: Config): boolean {
  return kind !== 'embedded' || existsSync(path);
}

/** The config with the encoder that its application chose; as it stands where the application has no topics yet. */
async function asChosen(shell: Shell, { config, logger }: Settled): Promise<Config> {
  const { leavesChoice, withRecordedEncoder } = await import('../../app/encoder-choice.js');
  if (!leavesChoice(config) || !hasTopics(config)) return config;
  const { openTransport } = await import('../../app/wire.js');
  const transport = openTransport(config, { logger, clock: shell.clock });
  try {
    return await withRecordedEncoder(config, transport);
  } catch (thrown) {
    shell.say(`the choice of the text encoder could not be read, so this is builtin-en: ${messageOf(thrown)}`);
    return config;
  } finally {
    await transport.close();
  }
}
