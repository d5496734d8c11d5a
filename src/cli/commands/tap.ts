import { Argument, Option } from 'commander';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { collect, instanceUrls } from '../instance-url.js';
import { positiveInteger } from '../numbers.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly url: readonly string[];
  readonly where: readonly string[];
  readonly limit: number;
}

/** Stages that a running instance shows. */
const STAGES = ['pseudonymise', 'join', 'select'];

/** `sluice tap`: records as they leave a stage. */
export const tapVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('tap')
    .description('show records as they leave a stage of a running instance, as NDJSON; people are pseudonyms')
    .addArgument(
      new Argument('<stage>', 'pseudonymise: messages; join: late and dead letters; select: samples').choices(STAGES),
    )
    .addOption(
      new Option(
        '--where <expr>',
        "all must hold: FIELD = VALUE, also !=, >, >=, <, <=; 'and' between them, or repeated",
      )
        .argParser(collect)
        .default([], 'all'),
    )
    .option('--limit <n>', 'end after so many records', positiveInteger, 20)
    .addOption(
      new Option('--url <url>', 'an instance; may be repeated; default: http.host and http.port of the config')
        .argParser(collect)
        .default([], 'the config’s'),
    )
    .action(async (stage: string, { url, where, limit }: Flags) => {
      const { config } = settle(shell, command);
      const urls = instanceUrls(url, config.http);
      if (urls.length === 0) command.error('error: no instance is known: name it with --url', { exitCode: 2 });
      const { readEventStream } = await import('../../adapters/system/read-stream.js');
      const query = new URLSearchParams({ where: where.join(' and '), limit: String(limit) }).toString();
      const done = new AbortController();
      const signal = AbortSignal.any([shell.signal, done.signal]);
      let left = limit;
      await Promise.all(
        urls.map(async (one) => {
          try {
            for await (const { event, data } of readEventStream(`${one}/api/tap/${stage}?${query}`, signal)) {
              if (event === 'trouble') throw new Error(data);
              if (left-- > 0) await shell.out(`${data}\n`);
              if (left <= 0) return done.abort();
            }
          } catch (thrown) {
            shell.say(`${one}: ${refusalOf((thrown as Error).message)}`);
            finish(4);
          }
        }),
      );
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice tap select --config sluice.yaml',
      "sluice tap select --where 'label = 1 and inclusionProbability < 0.2' --limit 5 --config sluice.yaml | jq .sampleId",
      "sluice tap join --where 'kind = late' --url http://10.0.0.7:9464 --url http://10.0.0.8:9464",
    ],
    exitCodes: [4],
  });
};

/** The words of a refusal of the API; any other text as it is. */
function refusalOf(text: string): string {
  try {
    const { error, remedy } = JSON.parse(text) as { error?: string; remedy?: string };
    return error === undefined ? text : `${error}. ${remedy}`;
  } catch {
    return text;
  }
}
