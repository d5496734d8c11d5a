import { Option } from 'commander';
import { withHelp } from '../help.js';
import { positiveInteger, wholeNumber } from '../numbers.js';
import { proofMarkdown, proofText } from '../chaos-proof.js';
import { openSink } from '../sink.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly kills: number;
  readonly seed: number;
  readonly impressions?: number;
  readonly transport: 'embedded' | 'kafka';
  readonly partitions: number;
  readonly instances: number;
  readonly threads: number;
  readonly format: 'text' | 'json';
  readonly report?: string;
}

/** `sluice chaos`: proof that a killed processor loses, doubles and changes nothing. */
export const chaosVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('chaos')
    .description('kill the processor (kill -9) again and again and check that nothing is lost, doubled or different')
    .option('--kills <n>', 'how many times it is killed', positiveInteger, 5)
    .option('--seed <s>', 'seed of the events and of the moments of the kills', wholeNumber, 1)
    .option(
      '--impressions <n>',
      'how many are simulated; default: 12,000; on Kafka at least 300 for each kill',
      positiveInteger,
    )
    .addOption(
      new Option(
        '--transport <kind>',
        'embedded: one process at a time. kafka: three brokers of its own (JDK 17 and Maven), several processes; brokers are killed, cut off and slowed down, too',
      )
        .choices(['embedded', 'kafka'])
        .default('embedded'),
    )
    .option('--partitions <n>', 'Kafka: partitions of every topic', positiveInteger, 4)
    .option('--instances <n>', 'Kafka: how many processes run at a time', positiveInteger, 3)
    .option('--threads <n>', 'threads that the partitions of a process live in (run.threads)', positiveInteger, 1)
    .addOption(
      new Option('--format <format>', 'format of the result on stdout').choices(['text', 'json']).default('text'),
    )
    .option('--report <file>', 'also write the result to a file, as Markdown')
    .action(async ({ kills, seed, transport, partitions, instances, threads, format, report, ...flags }: Flags) => {
      const { runChaos } = await import('../../lab/chaos.js');
      const proof = await runChaos({
        killCount: kills,
        seed,
        impressionCount: flags.impressions ?? (transport === 'kafka' ? Math.max(12_000, 300 * kills) : 12_000),
        transport,
        partitions,
        instances,
        threads,
        say: shell.say,
        signal: shell.signal,
        clock: shell.clock,
      });
      if (!proof) shell.say('interrupted: nothing is proven');
      else {
        await shell.out(format === 'json' ? `${JSON.stringify(proof)}\n` : proofText(proof));
        if (report !== undefined) await openSink(shell, report).use((write) => write(proofMarkdown(proof)));
      }
      if (!proof?.holds) finish(1);
    });
  withHelp(command, {
    examples: [
      'sluice chaos',
      'sluice chaos --kills 20 --seed 7 --impressions 100000',
      'sluice chaos --threads 2',
      'sluice chaos --transport kafka --kills 100 --seed 7 --report chaos.md',
    ],
    exitCodes: [4],
  });
};
