import { Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';
import { REASON, reasonsOf } from './snapshot-champion.js';

/** `sluice retrain`: a fit now, instead of at the next trigger. */
export const retrainVerb: Verb = (program, shell) => {
  const command = program
    .command('retrain')
    .summary(
      'fit a candidate now, judge it and promote it as a fit of a run is; beside a running instance or without one',
    )
    .description(
      'fit a candidate now, on all that the topics hold, judge it on the audit slice and promote it by retrain.promote, as a fit of a run is; works beside a running instance, which follows to the new champion, and without one; status 3 when there was nothing to fit',
    )
    .option(...REASON)
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ format, reason }: { readonly format: 'json' | 'text'; readonly reason?: string }) => {
      await withTransport(shell, command, async (connected) => {
        const { retrainNow } = await import('../../app/retrain.js');
        const asked = reason === undefined ? undefined : await reasonsOf({ reason }, reason);
        const { manifest, promoted, durationMs } = await retrainNow({ ...connected, clock: shell.clock, asked });
        const { version, trainedOn, decision } = manifest;
        if (format === 'json') return shell.out(`${JSON.stringify(manifest)}\n`);
        return shell.out(
          `${version}, fitted on ${counted(trainedOn.rows, 'row')} in ${(durationMs / 1000).toFixed(1)} s: ${promoted ? 'champion' : 'no champion'}, ${decision.reason}\n`,
        );
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice retrain --config sluice.yaml',
      "sluice retrain --config sluice.yaml --reason 'the sale has begun'",
      'sluice retrain --config sluice.yaml && sluice snapshot show champion --config sluice.yaml --onnx champion.onnx',
      'sluice retrain --config sluice.yaml --set retrain.promote=manual --format json',
    ],
    exitCodes: [3, 4],
  });
};
