import { Option } from 'commander';
import type { InstanceStatus, Status } from '../../app/status.js';
import { withConfigOptions } from '../config-options.js';
import { span } from '../durations.js';
import { withHelp } from '../help.js';
import { instanceUrl } from '../instance-url.js';
import { counted } from '../numbers.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';
import { withTransport } from '../with-transport.js';

interface Flags {
  readonly url?: string;
  readonly format: 'json' | 'text';
}

/** `sluice status`: an application on one screen. */
export const statusVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('status')
    .description('show an application on one screen: health, lag, budget, weights, champion, alarms')
    .option(
      '--url <url>',
      'an instance to ask; default: http.host and http.port of the config, unless http.enabled is off',
    )
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async ({ url, format }: Flags) => {
      await withTransport(shell, command, async ({ config, transport }) => {
        const [{ statusOf }, { getJson }] = await Promise.all([
          import('../../app/status.js'),
          import('../../adapters/system/get-json.js'),
        ]);
        const nowMs = shell.clock.nowMs();
        const asked = (url ?? instanceUrl(config.http))?.replace(/\/+$/, '');
        const status = await statusOf({ config, transport, nowMs, url: asked, ask: getJson });
        await shell.out(format === 'json' ? `${JSON.stringify(status, null, 2)}\n` : textOf(status, nowMs));
        if (status.instance && !status.instance.isReady) finish(4);
      });
    });
  command.addHelpText('after', '\nExit code 4 also says that the instance does not answer or is not ready.');
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice status --config sluice.yaml',
      'sluice status --config sluice.yaml --url http://10.0.0.7:9464 --format json | jq .lag',
    ],
    exitCodes: [4],
  });
};

function textOf(status: Status, nowMs: number): string {
  const { application, transport, instance, lag, oldestUnreadMs, partitions, champion, deadLetters } = status;
  const unread = oldestUnreadMs === null ? '' : `; the oldest has waited ${span(oldestUnreadMs)}`;
  const refused = deadLetters.impressions + deadLetters.interactions;
  const rows: (readonly [string, string])[] = [
    ['application', `${application} on ${transport}`],
    ['instance', instanceText(instance, nowMs)],
    ...(instance?.alarms ?? []).map((alarm) => ['alarm', alarm] as const),
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
  if (state === null) return `none at ${url}; what follows is from the topics`;
  const health = isReady ? 'ready' : isAlive ? 'not ready' : 'not alive';
  return `${health}, ${state}${sinceMs === null ? '' : ` for ${span(nowMs - sinceMs)}`}, at ${url}`;
}

function watermarkText({ watermarkMs, behindClockMs }: Status): string {
  if (watermarkMs === null || behindClockMs === null) return 'nothing committed yet';
  return `${new Date(watermarkMs).toISOString()}, ${span(behindClockMs)} behind the clock`;
}

function selectionText({ selection: { budget, perSecond, keptFraction, samples } }: Status): string {
  const wish = perSecond === null ? `a budget of ${percent(budget ?? 0)}` : `${perSecond} samples a second`;
  if (keptFraction === null) return `nothing decided yet, against ${wish}`;
  return `${samples.kept.toLocaleString('en')} kept, ${percent(keptFraction)} since the beginning, against ${wish}; ${samples.audit.toLocaleString('en')} for audit`;
}

function weightsText({ selection: { ratio, standardError } }: Status): string {
  if (ratio === null || standardError === null) return 'no kept sample yet';
  const isFar = Math.abs(ratio - 1) > 4 * standardError;
  return `Σ weights / seen ${ratio.toFixed(3)} ± ${standardError.toFixed(3)}${isFar ? ': away from 1, see the alert SluiceWeightsDishonest' : ' (1: nothing is lost)'}`;
}

function championFigures({ calibration, normalisedEntropy }: NonNullable<Status['champion']>): string {
  return [
    calibration === null ? '' : `; calibration ${calibration.toFixed(3)}`,
    normalisedEntropy === null ? '' : `, NE ${normalisedEntropy.toFixed(3)}`,
  ].join('');
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}
