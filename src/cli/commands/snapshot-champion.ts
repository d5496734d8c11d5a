import { type Command, Option } from 'commander';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Shell } from '../shell.js';
import { textTable } from '../table.js';
import { withTransport } from '../with-transport.js';

/** Adds the verbs that change which snapshot scores, and the one that says who did. */
export function addChampionVerbs(family: Command, shell: Shell): void {
  addPromote(family, shell);
  addRollback(family, shell);
  addPins(family, shell);
  addHistory(family, shell);
}

interface ReasonFlags {
  readonly reason?: string;
}

export interface ForceFlags extends ReasonFlags {
  readonly force?: boolean;
}

/** Ends with a usage error where the champion is to be forced and nobody says why. */
export function forceOf(command: Command, { force, reason }: ForceFlags): boolean {
  if (force && !reason?.trim())
    command.error('error: --force needs --reason TEXT, which the history of the champion keeps', { exitCode: 2 });
  return force === true;
}

/** Who changes the champion, as the system knows them, and why. */
export async function reasonsOf(
  { reason }: ReasonFlags,
  otherwise: string,
): Promise<{ who: string | null; why: string }> {
  const { userInfo } = await import('node:os');
  let who: string | null = null;
  try {
    who = userInfo().username;
  } catch {
    // A container's user may have no name.
  }
  return { who, why: reason ?? otherwise };
}

export const REASON = ['--reason <text>', 'why, for the history of the champion'] as const;
export const FORCE = ['--force', 'promote it although the audit slice speaks against it; needs --reason'] as const;

function addPromote(family: Command, shell: Shell): void {
  const command = family
    .command('promote')
    .description('make a published snapshot champion, unless it is worse than the present one on the audit slice')
    .argument('<version>', 'version, or previous, candidate, or an alias of your own')
    .option(...REASON)
    .option(...FORCE)
    .action(async (named: string, flags: ForceFlags) => {
      const isForced = forceOf(command, flags);
      await withTransport(shell, command, async (connected) => {
        const { promoteJudged } = await import('../../app/promotion.js');
        const reasons = await reasonsOf(flags, 'promoted by an operator');
        const manifest = await promoteJudged({ ...connected, clock: shell.clock }, named, { ...reasons, isForced });
        shell.say(`champion is ${manifest.version}`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      "sluice snapshot promote 000012-3fa9c1 --config sluice.yaml --reason 'better on mobile'",
      'sluice snapshot list --config sluice.yaml',
    ],
    exitCodes: [3, 4],
  });
}

function addRollback(family: Command, shell: Shell): void {
  const command = family
    .command('rollback')
    .description('make the previous champion score again; repeated: the one before that')
    .option(...REASON)
    .action(async (flags: ReasonFlags) => {
      await withTransport(shell, command, async ({ transport, config }) => {
        const { rollBackSnapshot } = await import('../../snapshot/index.js');
        const { describeFeatures } = await import('../../app/describe.js');
        const { withRecordedEncoder } = await import('../../app/encoder-choice.js');
        const { featureSetId } = await describeFeatures(await withRecordedEncoder(config, transport));
        const reasons = await reasonsOf(flags, 'rolled back by an operator');
        const { openKeyring } = await import('../../app/made-by.js');
        const deps = { transport, clock: shell.clock, keyring: openKeyring(config) };
        const manifest = await rollBackSnapshot(deps, featureSetId, reasons);
        shell.say(`champion is ${manifest.version}; the next fit may replace it, unless you pin it`);
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      "sluice snapshot rollback --config sluice.yaml --reason 'clicks fell by a third'",
      'sluice snapshot pin --config sluice.yaml',
    ],
    exitCodes: [3, 4],
  });
}

function addPins(family: Command, shell: Shell): void {
  for (const [name, isPinned] of [
    ['pin', true],
    ['unpin', false],
  ] as const) {
    const command = family
      .command(name)
      .description(
        isPinned
          ? 'hold the present champion: no fit and no promotion takes its place'
          : 'let fits and promotions replace the champion again',
      )
      .option(...REASON)
      .action(async (flags: ReasonFlags) => {
        await withTransport(shell, command, async ({ transport }) => {
          const { pinChampion } = await import('../../snapshot/index.js');
          const reasons = await reasonsOf(flags, `${name}ned by an operator`);
          const version = await pinChampion({ transport, clock: shell.clock }, isPinned, reasons);
          shell.say(`champion ${version} is ${name}ned`);
        });
      });
    withHelp(withConfigOptions(command), {
      examples: [
        `sluice snapshot ${name} --config sluice.yaml --reason 'sale week'`,
        'sluice snapshot history --config sluice.yaml',
      ],
      exitCodes: [3, 4],
    });
  }
}

function addHistory(family: Command, shell: Shell): void {
  const command = family
    .command('history')
    .description('list who changed the champion, when and why, oldest first')
    .addOption(new Option('--format <format>', 'how').choices(['json', 'text']).default('text'))
    .action(async (flags: { format: 'json' | 'text' }) => {
      await withTransport(shell, command, async ({ transport }) => {
        const { readCatalogue } = await import('../../snapshot/index.js');
        const { pointer } = await readCatalogue(transport);
        const changes = pointer?.changes ?? [];
        if (flags.format === 'json') {
          for (const change of changes) await shell.out(`${JSON.stringify(change)}\n`);
          return;
        }
        const rows = changes.map(({ atMs, action, version, by, who, why }) => [
          new Date(atMs).toISOString(),
          action,
          version,
          who ?? by,
          why,
        ]);
        await shell.out(textTable(['when', 'what', 'champion', 'who', 'why'], rows));
      });
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice snapshot history --config sluice.yaml',
      'sluice snapshot history --config sluice.yaml --format json',
    ],
    exitCodes: [4],
  });
}
