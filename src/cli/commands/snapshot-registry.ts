import { type Command, Option } from 'commander';
import type { Comparison } from '../../app/compare-snapshots.js';
import { SluiceError } from '../../errors.js';
import { withConfigOptions } from '../config-options.js';
import { fileBytes } from '../file-bytes.js';
import { withHelp } from '../help.js';
import type { Shell } from '../shell.js';
import { openSink } from '../sink.js';
import { textTable } from '../table.js';
import { withTransport } from '../with-transport.js';
import { REASON, reasonsOf } from './snapshot-champion.js';

/** What a snapshot may be named by. */
export const VERSION_ARGUMENT = 'version, or champion, previous, candidate, or an alias of your own';
const FORMAT = () => new Option('--format <format>', 'output format').choices(['json', 'text']).default('text');
type Format = 'json' | 'text';

/** Adds the verbs that name snapshots, take them out, look at them and compare them. */
export function addRegistryVerbs(family: Command, shell: Shell): void {
  addAlias(family, shell);
  addExport(family, shell);
  addVerify(family, shell);
  addDiff(family, shell);
}

function addAlias(family: Command, shell: Shell): void {
  const command = family
    .command('alias')
    .description('give a snapshot a name of your own; its bytes are kept while it has one')
    .argument('<name>', 'lower-case letters, digits, dots, hyphens and underscores')
    .argument('[version]', VERSION_ARGUMENT)
    .option('--remove', 'take the name back')
    .option(...REASON)
    .action(async (name: string, named: string | undefined, flags: { remove?: boolean; reason?: string }) => {
      if ((named === undefined) !== (flags.remove === true))
        command.error('error: give a version to name, or --remove, and not both', { exitCode: 2 });
      await withTransport(shell, command, async ({ transport }) => {
        const { nameSnapshot, readCatalogue, versionOf } = await import('../../snapshot/index.js');
        const version = named === undefined ? null : versionOf(await readCatalogue(transport), named);
        const reasons = await reasonsOf(flags, 'named by an operator');
        await nameSnapshot({ transport, clock: shell.clock }, name, version, reasons);
        shell.say(version === null ? `${name} names nothing any more` : `${name} is ${version}`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      "sluice snapshot alias before-sale champion --config sluice.yaml --reason 'to go back to on Monday'",
      'sluice snapshot alias before-sale --remove --config sluice.yaml',
    ],
    exitCodes: [4],
  });
}

function addExport(family: Command, shell: Shell): void {
  const command = family
    .command('export')
    .description('write a snapshot as VERSION.onnx and VERSION.json, its manifest; VERSION.sig too where it is signed')
    .argument('<version>', VERSION_ARGUMENT)
    .option('--out <dir>', 'folder to write to; created if it does not exist', '.')
    .action(async (named: string, { out }: { out: string }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { mkdir } = await import('node:fs/promises');
        const { readCatalogue, unpack, versionOf } = await import('../../snapshot/index.js');
        const state = await readCatalogue(transport);
        const version = versionOf(state, named);
        const { manifest, onnx } = unpack(state, version);
        await mkdir(out, { recursive: true });
        const signed = state.signed.get(version);
        const files: [ending: string, content: Uint8Array | string][] = [
          ['onnx', onnx],
          ['json', signed?.bytes ?? `${JSON.stringify(manifest, null, 2)}\n`],
          ...(signed ? [['sig', `${signed.signature}\n`] satisfies [string, string]] : []),
        ];
        for (const [ending, content] of files) {
          const path = `${out}/${version}.${ending}`;
          await openSink(shell, path).use((write) => write(content));
          await shell.out(`${path}\n`);
        }
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot export champion --out ./models --config sluice.yaml',
      'sluice snapshot export 000012-3fa9c1 --config sluice.yaml',
    ],
    exitCodes: [3, 4],
  });
}

function addVerify(family: Command, shell: Shell): void {
  const command = family
    .command('verify')
    .description(
      'check that a snapshot is whole, unchanged, signed (if a key is configured) and answers as when it was published',
    )
    .argument('<version>', VERSION_ARGUMENT)
    .option('--onnx <file>', 'an exported file to check in place of the one on the topic')
    .addOption(FORMAT())
    .action(async (named: string, flags: { onnx?: string; format: Format }) => {
      const file = flags.onnx === undefined ? undefined : await fileBytes(flags.onnx);
      await withTransport(shell, command, async ({ transport, config }) => {
        const { readCatalogue, versionOf } = await import('../../snapshot/index.js');
        const { verifySnapshot } = await import('../../app/verify-snapshot.js');
        const { openKeyring } = await import('../../app/made-by.js');
        const state = await readCatalogue(transport);
        const version = versionOf(state, named);
        const findings = await verifySnapshot(state, version, file, openKeyring(config));
        await shell.out(
          flags.format === 'json'
            ? `${JSON.stringify({ version, findings })}\n`
            : textTable(
                ['what', 'result', 'why'],
                findings.map(({ what, result, why }) => [what, result, why]),
              ),
        );
        const wrong = findings.find(({ result }) => result === 'wrong');
        if (wrong) throw new SluiceError('snapshot-refused', { version, why: `${wrong.what}: ${wrong.why}` });
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot verify champion --config sluice.yaml',
      'sluice snapshot verify 000012-3fa9c1 --onnx ./models/000012-3fa9c1.onnx --config sluice.yaml',
    ],
    exitCodes: [3, 4],
  });
}

function addDiff(family: Command, shell: Shell): void {
  const command = family
    .command('diff')
    .description('compare two snapshots: columns, gain, metrics and predictions on the newest audit rows')
    .argument('<first>', VERSION_ARGUMENT)
    .argument('<second>', 'likewise')
    .addOption(FORMAT())
    .action(async (first: string, second: string, flags: { format: Format }) => {
      await withTransport(shell, command, async (connected) => {
        const { readCatalogue, unpack, versionOf } = await import('../../snapshot/index.js');
        const { compareSnapshots } = await import('../../app/compare-snapshots.js');
        const { auditRows } = await import('../../app/promotion.js');
        const state = await readCatalogue(connected.transport);
        const [a, b] = [unpack(state, versionOf(state, first)), unpack(state, versionOf(state, second))];
        const { featureSetId, columns } = a.manifest;
        const comparison = await compareSnapshots(a, b, await auditRows(connected, featureSetId, columns.length));
        await shell.out(flags.format === 'json' ? `${JSON.stringify(comparison)}\n` : textOf(comparison));
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot diff previous champion --config sluice.yaml',
      'sluice snapshot diff 000011-71ac20 000012-3fa9c1 --config sluice.yaml --format json',
    ],
    exitCodes: [3, 4],
  });
}

function textOf({ versions, columns, gain, audit }: Comparison): string {
  const parts: string[] = [];
  for (const [which, names] of [
    [versions[0], columns.onlyFirst],
    [versions[1], columns.onlySecond],
  ] as const)
    if (names.length > 0) parts.push(`columns of ${which} alone: ${names.join(', ')}\n`);
  if (columns.isReordered) parts.push('the same columns in another order\n');
  if (audit) {
    const { first, second, predictions, aucDifference, lossGain } = audit;
    const metric = (name: 'normalisedEntropy' | 'auc' | 'calibration') => [
      name,
      rounded(first.overall[name]),
      rounded(second.overall[name]),
    ];
    const rows = [metric('normalisedEntropy'), metric('auc'), metric('calibration')];
    parts.push(`on ${audit.rows} audit rows:\n${textTable(['', ...versions], rows)}`);
    if (aucDifference) parts.push(`AUC ${signed(aucDifference.mean)} (${bounds(aucDifference)})\n`);
    parts.push(`log loss ${signed(-lossGain.mean)} (${bounds({ lower: -lossGain.upper, upper: -lossGain.lower })})\n`);
    parts.push(
      `predictions ${predictions.meanGap.toFixed(4)} apart on average, ${predictions.mostGap.toFixed(4)} at most; ${(100 * predictions.apartShare).toFixed(1)} % of the rows by more than .01\n`,
    );
  } else parts.push('no audit rows of a feature set that both have: metrics and predictions are not compared\n');
  const shares = gain.map(({ column, first, second }) => [column, rounded(first), rounded(second)]);
  if (shares.length > 0) parts.push(`share of the gain:\n${textTable(['column', ...versions], shares)}`);
  return parts.join('');
}

const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(4)));
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
const bounds = ({ lower, upper }: { lower: number; upper: number }): string =>
  `${signed(lower)} to ${signed(upper)}, one-sided 95 % each`;
