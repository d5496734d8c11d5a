import { Option } from 'commander';
import type { InstanceStatus, Status, TopicStatus } from '../../app/status.js';
import { settle, withConfigOptions } from '../config-options.js';
import { span } from '../durations.js';
import { withHelp } from '../help.js';
import { instanceUrl } from '../instance-url.js';
import { counted, positiveNumber } from '../numbers.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly url?: string;
  readonly timeout: number;
  readonly format: 'json' | 'text';
}

/** Longest wait for connections to close. */
const GOODBYE_MS = 1_000;

/** `sluice status`: an application on one screen. */
export const statusVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('status')
    .description('show an application on one screen: health, lag, budget, weights, champion, alarms')
    .option(
      '--url <url>',
      'an instance to ask; default: http.host and http.port of the config, unless http.enabled is off',
    )
    .option('--timeout <seconds>', 'how long the topics may take to answer', positiveNumber, 10)
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ url, timeout, format }: Flags) => {
      const { config, logger } = settle(shell, command);
      const [{ statusOf }, { getJson }, { openTransport }] = await Promise.all([
        import('../../app/status.js'),
        import('../../adapters/system/get-json.js'),
        import('../../app/wire.js'),
      ]);
      const { clock } = shell;
      const transport = openTransport(config, { logger, clock });
      try {
        const asked = (url ?? instanceUrl(config.http))?.replace(/\/+$/, '');
        const within = { clock, withinMs: 1000 * timeout };
        const status = await statusOf({ config, transport, ...within, url: asked, ask: getJson });
        await shell.out(format === 'json' ? `${JSON.stringify(status, null, 2)}\n` : textOf(status, clock.nowMs()));
        if (status.unanswered || (status.instance && !status.instance.isReady)) finish(4);
      } finally {
        // What does not answer does not say goodbye either.
        await Promise.race([transport.close(), clock.sleep(GOODBYE_MS)]);
      }
    });
  command.addHelpText(
    'after',
    '\nExit code 4 also says that the topics or the instance do not answer, or that the instance is not ready.',
  );
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice status --config sluice.yaml',
      'sluice status --config sluice.yaml --url http://10.0.0.7:9464 --format json | jq .lag',
    ],
    exitCodes: [4],
  });
};

function textOf(status: Status, nowMs: number): string {
  const { application, transport, instance } = status;
  const rows = [
    ['application', `${application} on ${transport}`],
    ['instance', instanceText(instance, nowMs)],
    ...grouped(instance?.alarms ?? []).map((alarm) => ['alarm', alarm]),
  ];
  const head = rows.map(([name, text]) => `${name!.padEnd(13)} ${text!}\n`).join('');
  if (!status.unanswered) return head + topicsText(status, nowMs);
  const { step, why } = status.unanswered;
  const look = transport === 'kafka' ? '; `sluice lint --connect` looks at each broker' : '';
  return `${head}${'topics'.padEnd(13)} ${why}, while asking for ${step}${look}\n`;
}

/** Alarms that partitions have in common are one line with the first of them: sixty-four would hide the others. */
function grouped(alarms: readonly string[]): readonly string[] {
  const kinds = new Map<string, string[]>();
  for (const alarm of alarms) {
    const kind = /^([a-z-]+)-\d+: /.exec(alarm)?.[1] ?? alarm;
    kinds.set(kind, [...(kinds.get(kind) ?? []), alarm]);
  }
  return [...kinds.values()].map(([first, ...others]) =>
    others.length === 0 ? first! : `${first!}; and ${counted(others.length, 'other partition')}`,
  );
}

function topicsText(status: TopicStatus, nowMs: number): string {
  const { lag, oldestUnreadMs, partitions, champion, deadLetters } = status;
  const unread = oldestUnreadMs === null ? '' : `; the oldest has waited ${span(oldestUnreadMs)}`;
  const refused = deadLetters.impressions + deadLetters.interactions;
  const rows: (readonly [string, string])[] = [
    ['lag', `${counted(lag.impressions, 'list')} and ${counted(lag.interactions, 'interaction')} unread${unread}`],
    ['watermark', watermarkText(status)],
    ['selection', selectionText(status)],
    ['weights', weightsText(status)],
    [
      'champion',
      champion === null
        ? 'none yet'
        : `${champion.version} (${champion.learner}), ${champion.isPinned ? 'pinned' : 'promoted'} ${span(nowMs - champion.promotedMs)} ago${championFigures(champion)}`,
    ],
    [
      'dead letters',
      refused === 0 ? 'none' : `${refused.toLocaleString('en')} refused: \`sluice dead-letters summary\``,
    ],
  ];
  const head = rows.map(([name, text]) => `${name.padEnd(13)} ${text}\n`).join('');
  if (partitions.length === 1) return head;
  const table = partitions.map(({ partition, lag: own, oldestUnreadMs: oldest, behindClockMs }) => [
    partition,
    own.impressions,
    own.interactions,
    oldest === null ? '-' : span(oldest),
    behindClockMs === null ? '-' : span(behindClockMs),
  ]);
  return `${head}\n${textTable(['partition', 'lists unread', 'interactions unread', 'oldest', 'watermark behind'], table)}`;
}

function instanceText(instance: InstanceStatus | null, nowMs: number): string {
  if (instance === null) return 'not asked: http is off';
  const { url, state, sinceMs, isReady, isAlive } = instance;
  if (state === null) return `none at ${url}`;
  const health = isReady ? 'ready' : isAlive ? 'not ready' : 'not alive';
  return `${health}, ${state}${sinceMs === null ? '' : ` for ${span(nowMs - sinceMs)}`}, at ${url}`;
}

function watermarkText({ watermarkMs, behindClockMs }: TopicStatus): string {
  if (watermarkMs === null || behindClockMs === null) return 'nothing committed yet';
  return `${new Date(watermarkMs).toISOString()}, ${span(behindClockMs)} behind the clock`;
}

function selectionText({ selection: { budget, perSecond, keptFraction, samples } }: TopicStatus): string {
  const wish = perSecond === null ? `a budget of ${percent(budget ?? 0)}` : `${perSecond} samples a second`;
  if (keptFraction === null) return `nothing decided yet, against ${wish}`;
  return `${samples.kept.toLocaleString('en')} kept, ${percent(keptFraction)} since the beginning, against ${wish}; ${samples.audit.toLocaleString('en')} for audit`;
}

function weightsText({ selection: { ratio, standardError } }: TopicStatus): string {
  if (ratio === null || standardError === null) return 'no kept sample yet';
  const isFar = Math.abs(ratio - 1) > 4 * standardError;
  return `Σ weights / seen ${ratio.toFixed(3)} ± ${standardError.toFixed(3)}${isFar ? ': away from 1, see the alert SluiceWeightsDishonest' : ' (1: nothing is lost)'}`;
}

function championFigures({ calibration, normalisedEntropy }: NonNullable<TopicStatus['champion']>): string {
  return [
    calibration === null ? '' : `; calibration ${calibration.toFixed(3)}`,
    normalisedEntropy === null ? '' : `, NE ${normalisedEntropy.toFixed(3)}`,
  ].join('');
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}
