import { type Command, Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { fileBytes } from '../file-bytes.js';
import { withHelp } from '../help.js';
import { positiveNumber } from '../numbers.js';
import type { Shell } from '../shell.js';
import { withTransport } from '../with-transport.js';
import { FORCE, forceOf, reasonsOf, REASON, type ForceFlags } from './snapshot-champion.js';

interface Flags extends ForceFlags {
  readonly promote?: boolean;
  readonly featureSet?: string;
  readonly columns?: readonly string[];
  readonly output?: string;
  readonly outputKind: 'probability' | 'logit';
  readonly mostMsARow?: number;
}

/** Adds `snapshot publish`: a model from outside, tried out and judged before it may score. */
export function addPublish(family: Command, shell: Shell): void {
  const command = family
    .command('publish')
    .description('publish an ONNX model that was trained elsewhere on samples of the training topic')
    .argument(
      '<file>',
      'ONNX file with one float input [rows, columns] and one output: a probability, or one per class',
    )
    .option('--promote', 'make it the champion, unless it is worse than the present one on the audit slice')
    .option(...REASON)
    .option(...FORCE)
    .option(
      '--feature-set <id>',
      'featureSetId of the rows it was trained on; default: `sluice.featureSetId` in the metadata of the file',
    )
    .option(
      '--columns <names>',
      'the columns it takes, in its order, separated by commas; default: `sluice.columns` in the metadata of the file, else all',
      (text: string) => text.split(',').map((name) => name.trim()),
    )
    .option('--output <name>', 'name of the output with the prediction, if it has several')
    .addOption(
      new Option('--output-kind <kind>', 'what that output is')
        .choices(['probability', 'logit'])
        .default('probability'),
    )
    .option('--most-ms-a-row <ms>', 'most milliseconds that one row may take; default: 0.2', positiveNumber)
    .action(async (file: string, flags: Flags) => {
      const isForced = forceOf(command, flags);
      const onnx = await fileBytes(file);
      await withTransport(shell, command, async (connected) => {
        const { bringModel } = await import('../../app/promotion.js');
        const { featureSet: trainedOn, columns: takes, output, outputKind, mostMsARow } = flags;
        const reasons = await reasonsOf(flags, 'published by an operator');
        const manifest = await bringModel(
          { ...connected, clock: shell.clock },
          {
            ...{ onnx, name: file, trainedOn, takes, output, outputKind, mostMsARow },
            ...{ promote: flags.promote === true, isForced, ...reasons },
          },
        );
        shell.say(
          `published ${manifest.version}${flags.promote ? ', champion from now on' : ''}: ${manifest.decision.reason}`,
        );
        await shell.out(`${manifest.version}\n`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot publish model.onnx --config sluice.yaml',
      "sluice snapshot publish model.onnx --config sluice.yaml --promote --reason 'weekly offline fit'",
      'sluice snapshot publish torch.onnx --output-kind logit --feature-set fs-0a1b2c3d4e5f',
    ],
    exitCodes: [3, 4],
  });
}
