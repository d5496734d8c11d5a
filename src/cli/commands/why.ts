import { Option } from 'commander';
import { FATES, type WhyAnswer } from '../../app/why/fate.js';
import { INPUTS, OUTPUTS, type Transport } from '../../ports/transport.js';
import { withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { timeOf } from '../numbers.js';
import { withMeter } from '../progress.js';
import type { Verb } from '../verb.js';
import { type Connected, withTransport } from '../with-transport.js';
import type { Shell } from '../shell.js';

interface Flags {
  readonly session?: string;
  readonly since?: number;
  readonly until?: number;
  readonly format: 'json' | 'text';
}

/** Columns that the text of a kept sample shows; `sluice explain` shows more. */
const TOP_COLUMNS = 5;

/** `sluice why`: what became of something that was sent. */
export const whyVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('why')
    .description(
      'tell what became of an impression, request, interaction or sample: kept, dropped, open, late, duplicate, refused, or never arrived',
    )
    .argument('<id>', 'requestId, interactionId, impressionId, or requestId#position, as it was sent')
    .option('--session <id>', 'its sessionId as it was sent: only the partition of that session is read')
    .option('--since <time>', 'only messages written at this time or later (ISO 8601)', timeOf)
    .option('--until <time>', 'only messages written before this time', timeOf)
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (id: string, flags: Flags) => {
      await withTransport(shell, command, async (connected) => {
        const answer = await ask(shell, connected, id, flags);
        const explanation = await explained(connected, answer);
        if (flags.format === 'json') await shell.out(`${JSON.stringify({ ...answer, explanation }, null, 2)}\n`);
        else await shell.out(await textOf(answer, explanation));
        if (answer.fates.length === 0) finish(3);
      });
    });
  const fates = Object.entries(FATES).map(([fate, meaning]) => `  ${fate.padEnd(12)} ${meaning}`);
  command.addHelpText('after', ['', 'Fates:', ...fates].join('\n'));
  withHelp(withConfigOptions(command), {
    examples: [
      "sluice why 'req-81#3' --config sluice.yaml",
      'sluice why click-2207 --session s-19 --since 2026-03-01T09:00Z --config sluice.yaml',
      'sluice why req-81 --config sluice.yaml --format json',
    ],
    exitCodes: [3, 4],
  });
};

async function ask(shell: Shell, connected: Connected, id: string, flags: Flags): Promise<WhyAnswer> {
  const { config, logger, transport } = connected;
  const [{ why }, { openParts, openPseudonymiser }, { noMetrics }] = await Promise.all([
    import('../../app/why/why.js'),
    import('../../app/wire.js'),
    import('../../adapters/memory/index.js'),
  ]);
  // Whoever looks makes no key: without the one of the application nothing can be told.
  await openPseudonymiser(config, { logger, mayMake: false });
  const parts = await openParts(config, { logger, clock: shell.clock, metrics: noMetrics });
  const total = await recordsIn(transport);
  try {
    return await withMeter(shell, 'why', 'records', (update) => {
      let count = 0;
      const onRead = (more: number): void => update((count += more), Math.min(1, count / Math.max(1, total)));
      const signal = new AbortController().signal;
      const deps = { config, logger, transport, parts, clock: shell.clock, signal, onRead };
      return why(deps, id, { session: flags.session, sinceMs: flags.since, untilMs: flags.until });
    });
  } finally {
    await parts.close();
  }
}

/** Records of all topics: what a look at everything would read. */
async function recordsIn(transport: Transport): Promise<number> {
  let total = 0;
  for (const topic of [...INPUTS, ...OUTPUTS]) for (const end of await transport.endOffsets(topic)) total += end;
  return total;
}

/** What `sluice explain` says, where the answer is one sample. */
async function explained({ config, logger, transport, codecs }: Connected, { fates }: WhyAnswer) {
  const samples = fates.filter(({ details }) => details.fate === 'kept' || details.fate === 'audit');
  if (samples.length !== 1) return null;
  const [{ explainSample }, { openPseudonymiser }] = await Promise.all([
    import('../../app/explain/explain.js'),
    import('../../app/wire.js'),
  ]);
  const keyed = await openPseudonymiser(config, { logger, mayMake: false });
  return explainSample({ config, transport, codecs, keyed }, samples[0]!.id);
}

async function textOf(answer: WhyAnswer, explanation: Awaited<ReturnType<typeof explained>>): Promise<string> {
  const [{ headOf, neverArrived, sentencesOf }, { explanationText }] = await Promise.all([
    import('../../app/why/sentences.js'),
    import('./explain.js'),
  ]);
  if (answer.fates.length === 0) return lines(neverArrived(answer));
  const blocks = answer.fates.map((one) => lines([headOf(one), ...sentencesOf(one).map((text) => `  ${text}`)]));
  const about =
    answer.lookedAt.rereadFrom === 'what is left'
      ? ['Retention has removed the beginning of the input: what was seen before it is not known to the re-read.\n']
      : [];
  return [...blocks, ...about, ...(explanation ? [await explanationText(explanation, TOP_COLUMNS)] : [])].join('\n');
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
