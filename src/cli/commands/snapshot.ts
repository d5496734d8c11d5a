import { type Command, Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { positiveInteger } from '../numbers.js';
import type { Shell } from '../shell.js';
import { openSink } from '../sink.js';
import { textTable } from '../table.js';
import { addChampionVerbs } from './snapshot-champion.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

/** `sluice snapshot`: what models there are, and which one scores. */
export const snapshotVerb: Verb = (program, shell) => {
  const family = program.command('snapshot').description('list, show, publish, promote, roll back and pin models');
  addList(family, shell);
  addShow(family, shell);
  addPublish(family, shell);
  addChampionVerbs(family, shell);
};

function addList(family: Command, shell: Shell): void {
  const command = family
    .command('list')
    .description('list every published snapshot, oldest first; * marks the champion')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (flags: { format: 'json' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { manifestsOf, readCatalogue } = await import('../../snapshot/index.js');
        const catalogue = await readCatalogue(transport);
        const champion = catalogue.pointer?.version;
        const manifests = manifestsOf(catalogue);
        if (flags.format === 'json') {
          for (const manifest of manifests) {
            await shell.out(`${JSON.stringify({ ...manifest, isChampion: manifest.version === champion })}\n`);
          }
          return;
        }
        const rows = manifests.map((manifest) => [
          manifest.version === champion ? '*' : '',
          manifest.version,
          new Date(manifest.createdAtMs).toISOString(),
          manifest.learner,
          manifest.trainedOn.rows,
          rounded(manifest.metrics.candidate?.overall.normalisedEntropy),
          rounded(manifest.metrics.candidate?.overall.auc),
          rounded(manifest.metrics.candidate?.overall.calibration),
          rounded(manifest.metrics.candidate?.overall.expectedCalibrationError),
          manifest.calibration?.method ?? null,
          manifest.decision.outcome,
        ]);
        await shell.out(
          textTable(
            [
              '',
              'version',
              'created',
              'learner',
              'rows',
              'NE',
              'AUC',
              'calibration',
              'ECE',
              'recalibrated',
              'decision',
            ],
            rows,
          ),
        );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot list --config sluice.yaml',
      'sluice snapshot list --config sluice.yaml --format json | tail -1',
    ],
    exitCodes: [4],
  });
}

function addShow(family: Command, shell: Shell): void {
  const command = family
    .command('show')
    .description('show the manifest of a snapshot, after its checksum was verified')
    .argument('<version>', 'version of the snapshot, as `snapshot list` shows it')
    .option('--onnx <file>', 'also write its ONNX file')
    .addOption(
      new Option('--format <format>', 'json: the whole manifest; text: its calibration and reliability diagram')
        .choices(['json', 'text'])
        .default('json'),
    )
    .action(async (version: string, flags: { onnx?: string; format: 'json' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { fetchSnapshot } = await import('../../snapshot/index.js');
        const { manifest, onnx } = await fetchSnapshot(transport, version);
        if (flags.onnx !== undefined) await openSink(shell, flags.onnx).use((write) => write(onnx));
        if (flags.format === 'json') return shell.out(`${JSON.stringify(manifest, null, 2)}\n`);
        const { calibrationText, reliabilityText } = await import('../reliability-text.js');
        const { candidate } = manifest.metrics;
        const { learner, trainedOn, decision } = manifest;
        await shell.out(
          `${version}: ${learner} on ${trainedOn.rows} kept samples, ${decision.outcome}: ${decision.reason}\n`,
        );
        await shell.out(calibrationText(manifest.calibration));
        if (candidate?.reliability)
          await shell.out(
            `reliability on ${candidate.overall.sampleCount} audit rows, o predicted, x happened:\n${reliabilityText(candidate.reliability)}`,
          );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot show 000012-3fa9c1 --config sluice.yaml',
      'sluice snapshot show 000012-3fa9c1 --format text',
      'sluice snapshot show 000012-3fa9c1 --onnx model.onnx',
    ],
    exitCodes: [3, 4],
  });
}

interface PublishFlags {
  readonly members: number;
  readonly promote?: boolean;
  readonly reason?: string;
}

function addPublish(family: Command, shell: Shell): void {
  const command = family
    .command('publish')
    .description('publish an ONNX model that was trained elsewhere on samples of the training topic')
    .argument(
      '<file>',
      'ONNX file: input `features` [N, columns], outputs `probability` [N] and `members` [N, members]',
    )
    .option('--members <n>', 'number of committee members in its output', positiveInteger, 1)
    .option('--promote', 'make it the champion at once')
    .option('--reason <text>', 'reason to record in the manifest')
    .action(async (file: string, flags: PublishFlags) => {
      const { readFile } = await import('node:fs/promises');
      const onnx = await readFile(file);
      await withTransport(shell, command, async ({ transport, config }) => {
        const [{ publishSnapshot }, { onnxModelLoader }, { describeFeatures }] = await Promise.all([
          import('../../snapshot/index.js'),
          import('../../adapters/onnx/model.js'),
          import('../../app/describe.js'),
        ]);
        const { featureSetId, columns } = await describeFeatures(config);
        const manifest = await publishSnapshot(
          { transport, clock: shell.clock, loader: onnxModelLoader() },
          {
            onnx,
            featureSetId,
            columns: columns.map((column) => column.name),
            memberCount: flags.members,
            promote: flags.promote === true,
            ...(flags.reason === undefined ? {} : { reason: flags.reason }),
          },
        );
        shell.say(`published ${manifest.version}${flags.promote === true ? ', champion from now on' : ''}`);
        await shell.out(`${manifest.version}\n`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot publish model.onnx --config sluice.yaml',
      "sluice snapshot publish model.onnx --config sluice.yaml --promote --reason 'weekly offline fit'",
    ],
    exitCodes: [3, 4],
  });
}

function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toFixed(4));
}
