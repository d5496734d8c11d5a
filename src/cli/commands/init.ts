import { existsSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { FirstConfig } from '../../app/first-config.js';
import { loadConfig } from '../../config/load.js';
import { formatProblems } from '../../config/problem.js';
import { withHelp } from '../help.js';
import { fractionOf, positiveInteger } from '../numbers.js';
import type { Shell } from '../shell.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly out: string;
  readonly force?: boolean;
  readonly transport?: FirstConfig['transport'];
  readonly application?: string;
  readonly brokers?: string;
  readonly tls?: boolean;
  readonly username?: string;
  readonly prefix: string;
  readonly partitions?: number;
  readonly inputFormat: FirstConfig['inputFormat'];
  readonly registry: string;
  readonly budget?: number;
}

/** `sluice init`: a first config with comments. What no flag says is asked on a terminal, and else the default. */
export const initVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('init')
    .description(
      'write a first config with comments, for Kafka or one machine; on a terminal it asks what no flag says',
    )
    .option('--out <file>', 'file to write; - is stdout', 'sluice.yaml')
    .option('--force', 'write over a file that is there')
    .addOption(new Option('--transport <kind>', 'where the topics live').choices(['embedded', 'kafka']))
    .option('--application <name>', 'name of the application')
    .option('--brokers <list>', 'Kafka bootstrap servers, comma-separated')
    .option('--tls', 'connect to the brokers by TLS')
    .option('--username <name>', 'SASL user (SCRAM-SHA-512); its password stands in SLUICE_KAFKA_PASSWORD')
    .option('--prefix <text>', 'prefix of the topic names', 'sluice.')
    .addOption(new Option('--partitions <count>', 'partitions of topics that are made').argParser(positiveInteger))
    .addOption(
      new Option('--input-format <format>', 'wire format of the topics')
        .choices(['json', 'avro', 'confluent'])
        .default('json'),
    )
    .option('--registry <url>', 'schema registry, for confluent', 'http://127.0.0.1:8081')
    .addOption(new Option('--budget <share>', 'share of the samples to keep').argParser(fractionOf))
    .action(async (flags: Flags) => {
      if (flags.out !== '-' && existsSync(flags.out) && flags.force !== true)
        command.error(`error: ${flags.out} is there already; --force writes over it, --out takes another name`, {
          exitCode: 2,
        });
      const { firstConfigText, settingsOf } = await import('../../app/first-config.js');
      const first = await answered(shell, flags, command);
      const { problems } = loadConfig({ env: {}, sets: [...settingsOf(first)] });
      const errors = problems.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) {
        shell.say(formatProblems(errors));
        return finish(2);
      }
      const text = firstConfigText(first);
      if (flags.out === '-') return shell.out(text);
      writeFileSync(flags.out, text);
      shell.say(`wrote ${flags.out}; next: sluice lint --config ${flags.out} --connect`);
    });
  withHelp(command, {
    examples: [
      'sluice init',
      'sluice init --transport kafka --brokers kafka-1:9092,kafka-2:9092 --application search-ranking --partitions 12',
      'sluice init --transport kafka --brokers kafka:9093 --tls --username sluice --input-format confluent --registry http://registry:8081',
      'sluice init --transport embedded --budget 0.05 --out -',
    ],
  });
};

/** The flags, and for what none says the answer on the terminal, or the default. */
async function answered(shell: Shell, flags: Flags, command: Command): Promise<FirstConfig> {
  const ask = async (given: string | undefined, question: string, usual: string): Promise<string> =>
    given ?? (shell.ask === undefined ? usual : (await shell.ask(`${question} [${usual}] `)).trim() || usual);
  const application = await ask(flags.application, 'Name of the application', 'sluice');
  const transport = await ask(
    flags.transport ?? (flags.brokers === undefined ? undefined : 'kafka'),
    'Where do the topics live, embedded (one machine) or kafka?',
    'embedded',
  );
  if (transport !== 'embedded' && transport !== 'kafka')
    command.error(`error: ${transport} is neither embedded nor kafka`, { exitCode: 2 });
  const brokers = transport === 'kafka' ? await ask(flags.brokers, 'Bootstrap servers', '127.0.0.1:9092') : '';
  const partitions = await ask(flags.partitions?.toString(), 'Partitions of topics that are made', '1');
  const budget = await ask(flags.budget?.toString(), 'Share of the samples to keep', '0.1');
  return {
    application,
    transport: transport as FirstConfig['transport'],
    brokers: brokers.split(',').map((broker) => broker.trim()),
    tls: flags.tls === true,
    username: flags.username,
    prefix: flags.prefix,
    partitions: Number(partitions),
    inputFormat: flags.inputFormat,
    registryUrl: flags.registry,
    budget: Number(budget),
  };
}
