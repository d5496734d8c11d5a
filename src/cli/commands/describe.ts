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

type Format = 'json' | 'text' | 'mermaid';

/** `sluice describe`: the columns of the feature set, or the stages of the pipeline. */
export const describeVerb: Verb = (program, shell) => {
  const command = program
    .command('describe')
    .description('list the columns of `features` in a sample, or the stages of the pipeline, in order')
    .addArgument(new Argument('<what>', 'what to describe').choices(['features', 'pipeline']))
    .addOption(
      new Option('--format <format>', 'output format; mermaid: the pipeline as a flow chart')
        .choices(['json', 'text', 'mermaid'])
        .default('text'),
    )
    .action(async (what: 'features' | 'pipeline', { format }: { format: Format }) => {
      if (what === 'pipeline') return tellPipeline(shell, format);
      if (format === 'mermaid') command.error("error: only the pipeline has a flow chart: 'describe pipeline'");
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
      "sluice describe features --format json | jq -r '.columns[].name'",
      'sluice describe pipeline',
      'sluice describe pipeline --format mermaid',
    ],
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

/** The config with the encoder that its application chose; as it stands where the application has no topics yet. */
async function asChosen(shell: Shell, { config, logger }: Settled): Promise<Config> {
  const { leavesChoice, withRecordedEncoder } = await import('../../app/encoder-choice.js');
  const { kind, path } = config.transport;
  if (!leavesChoice(config) || (kind === 'embedded' && !existsSync(path))) return config;
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
