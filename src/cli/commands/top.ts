import { Option } from 'commander';
import type { Frame } from '../../console/api.js';
import { settle, withConfigOptions } from '../config-options.js';
import { span } from '../durations.js';
import { withHelp } from '../help.js';
import { collect, instanceUrls } from '../instance-url.js';
import { positiveInteger, positiveNumber } from '../numbers.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly url: readonly string[];
  readonly every: number;
  readonly count?: number;
}

const CLEAR = '\u001b[H\u001b[2J';
const HEAD = [
  'instance',
  'state',
  'impressions/s',
  'kept/s',
  'kept',
  'budget',
  'unread',
  'behind',
  'waiting',
  'champion',
];

/** `sluice top`: running instances, live. */
export const topVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('top')
    .description('show running instances live: state, rates, kept share, lag, watermark, champion, alarms')
    .addOption(
      new Option('--url <url>', 'an instance; may be repeated; default: http.host and http.port of the config')
        .argParser(collect)
        .default([], 'the config’s'),
    )
    .option('--every <seconds>', 'seconds between two looks', positiveNumber, 2)
    .option('--count <n>', 'end after so many looks; default: when you stop it', positiveInteger)
    .action(async ({ url, every, count = Infinity }: Flags) => {
      const { config } = settle(shell, command);
      const urls = instanceUrls(url, config.http);
      if (urls.length === 0) command.error('error: no instance is known: name it with --url', { exitCode: 2 });
      const { getJson } = await import('../../adapters/system/get-json.js');
      for (let look = 1; look <= count && !shell.signal.aborted; look++) {
        const seen = await Promise.all(urls.map((one) => lookAt(one, getJson)));
        const text = screenOf(seen);
        await shell.out(shell.isTerminal ? `${CLEAR}${text}` : look < count ? `${text}\n` : text);
        if (look === count && seen.some(({ frame }) => !frame?.run.isReady)) finish(4);
        if (look < count) await shell.clock.sleep(every * 1000, shell.signal);
      }
    });
  command.addHelpText(
    'after',
    '\nThe numbers are those of the console. Exit code 4: an instance does not answer or is not ready.',
  );
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice top --config sluice.yaml',
      'sluice top --url http://10.0.0.7:9464 --url http://10.0.0.8:9464 --every 5',
      'sluice top --config sluice.yaml --count 1',
    ],
    exitCodes: [4],
  });
};

interface Seen {
  readonly url: string;
  readonly frame?: Frame;
  readonly why?: string;
}

async function lookAt(
  url: string,
  ask: (url: string) => Promise<{ readonly ok: boolean; readonly body: unknown }>,
): Promise<Seen> {
  try {
    const { ok, body } = await ask(`${url}/api/frame`);
    if (ok) return { url, frame: body as Frame };
    return { url, why: 'it serves no console: set http.console = on' };
  } catch (thrown) {
    return { url, why: `no answer: ${(thrown as Error).message}` };
  }
}

function screenOf(seen: readonly Seen[]): string {
  const rows = seen.map(({ url, frame, why }) =>
    frame ? rowOf(frame) : [url, why ?? '', ...HEAD.slice(2).map(() => '')],
  );
  const alarms = seen.flatMap(({ frame }) =>
    (frame?.run.reasons ?? []).map((reason) => `${frame!.run.instance}: ${reason}\n`),
  );
  return textTable(HEAD, rows) + (alarms.length > 0 ? `\n${alarms.join('')}` : '');
}

function rowOf({ run, flow, point, selection }: Frame): (string | number | null)[] {
  const lag = flow.partitions.map(({ lagRecords }) => (lagRecords.impressions ?? 0) + (lagRecords.interactions ?? 0));
  const { order, join, close } = flow.waiting;
  return [
    run.instance,
    run.isReady ? run.state : `${run.state}, not ready`,
    Math.round(flow.impressionsPerSecond).toLocaleString('en'),
    Math.round(point.keptPerSecond).toLocaleString('en'),
    point.keptShare === null ? '-' : `${(100 * point.keptShare).toFixed(1)} %`,
    selection.perSecond > 0 ? `${selection.perSecond}/s` : `${Number((100 * selection.budget).toPrecision(3))} %`,
    lag.reduce((sum, one) => sum + one, 0).toLocaleString('en'),
    point.behindSeconds === null ? '-' : span(1000 * point.behindSeconds),
    (order.count + join.count + close.count).toLocaleString('en'),
    run.champion?.version ?? 'none',
  ];
}
