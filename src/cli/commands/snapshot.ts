import { type Command, Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Shell } from '../shell.js';
import { openSink } from '../sink.js';
import { textTable } from '../table.js';
import { addChampionVerbs } from './snapshot-champion.js';
import { addPublish } from './snapshot-publish.js';
import { addImportance } from './snapshot-importance.js';
import { addRegistryVerbs, VERSION_ARGUMENT } from './snapshot-registry.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

/** `sluice snapshot`: what models there are, and which one scores. */
export const snapshotVerb: Verb = (program, shell) => {
  const family = program
    .command('snapshot')
    .description('list, show, publish, compare, verify, promote, roll back and pin models');
  addList(family, shell);
  addShow(family, shell);
  addPublish(family, shell);
  addChampionVerbs(family, shell);
  addRegistryVerbs(family, shell);
  addImportance(family, shell);
};

function addList(family: Command, shell: Shell): void {
  const command = family
    .command('list')
    .description('list every published snapshot, oldest first; * marks the champion')
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (flags: { format: 'json' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { aliasesOf, manifestsOf, readCatalogue } = await import('../../snapshot/index.js');
        const catalogue = await readCatalogue(transport);
        const champion = catalogue.pointer?.version;
        const manifests = manifestsOf(catalogue);
        const aliases = [...aliasesOf(catalogue)];
        const namesOf = (version: string): string[] =>
          aliases.filter(([, named]) => named === version).map(([name]) => name);
        if (flags.format === 'json') {
          for (const manifest of manifests) {
            await shell.out(
              `${JSON.stringify({ ...manifest, isChampion: manifest.version === champion, aliases: namesOf(manifest.version) })}\n`,
            );
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
          namesOf(manifest.version).join(', '),
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
              'aliases',
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
    .argument('<version>', VERSION_ARGUMENT)
    .option('--onnx <file>', 'also write its ONNX file')
    .addOption(
      new Option('--format <format>', 'json: the whole manifest; text: its calibration and reliability diagram')
        .choices(['json', 'text'])
        .default('json'),
    )
    .action(async (named: string, flags: { onnx?: string; format: 'json' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { readCatalogue, unpack, versionOf } = await import('../../snapshot/index.js');
        const state = await readCatalogue(transport);
        const version = versionOf(state, named);
        const { manifest, onnx } = unpack(state, version);
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

function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toFixed(4));
}
