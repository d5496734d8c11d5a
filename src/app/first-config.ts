/** What a first config says beside the defaults. */
export interface FirstConfig {
  readonly application: string;
  readonly transport: 'embedded' | 'kafka';
  /** Kafka bootstrap servers. */
  readonly brokers: readonly string[];
  /** Kafka: TLS to the brokers. */
  readonly tls: boolean;
  /** Kafka: the SASL user, by SCRAM-SHA-512; undefined: none. */
  readonly username: string | undefined;
  readonly prefix: string;
  readonly partitions: number;
  readonly inputFormat: 'json' | 'avro' | 'confluent';
  /** Schema registry, for `confluent`. */
  readonly registryUrl: string;
  readonly budget: number;
}

/** The settings as `--set` takes them, so that they can be checked before anything is written. */
export function settingsOf(first: FirstConfig): readonly string[] {
  const { application, transport, brokers, tls, username, prefix, partitions, inputFormat, registryUrl, budget } =
    first;
  const ofKafka = [
    `transport.brokers=${brokers.join(',')}`,
    `transport.tls=${tls}`,
    ...(username === undefined
      ? []
      : ['transport.sasl.mechanism=scram-sha-512', `transport.sasl.username=${username}`]),
  ];
  return [
    `application=${application}`,
    `transport.kind=${transport}`,
    ...(transport === 'kafka' ? ofKafka : []),
    `topics.prefix=${prefix}`,
    `topics.partitions=${partitions}`,
    `wire.inputFormat=${inputFormat}`,
    `wire.outputFormat=${inputFormat}`,
    ...(inputFormat === 'confluent' ? [`wire.registryUrl=${registryUrl}`] : []),
    `selection.budget=${budget}`,
  ];
}

/** A config file with a comment for each choice. */
export function firstConfigText(first: FirstConfig): string {
  return [...head(first), ...transportLines(first), ...wireLines(first), ...tail(first)].join('\n');
}

/** Any text as YAML reads it. */
function quoted(text: string): string {
  return /^[A-Za-z][A-Za-z0-9._-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function head({ application, prefix, partitions, transport }: FirstConfig): string[] {
  return [
    `# A Sluice for ${transport === 'kafka' ? 'a Kafka cluster' : 'one machine'}. What is left out keeps its default (docs/reference/configuration.md):`,
    '# `sluice echo --config FILE` shows every value and where it comes from, `sluice lint --config FILE --connect` checks it.',
    '',
    '# Names the stored state, and on Kafka the consumer group and the transactions. A new name starts from the beginning.',
    `application: ${quoted(application)}`,
    '',
    'topics:',
    `  # The inputs are ${prefix}impressions and ${prefix}interactions; what is kept goes to ${prefix}training.`,
    `  prefix: ${quoted(prefix)}`,
    '  # Of topics that Sluice makes. Both inputs need the same count: they are joined partition by partition.',
    `  partitions: ${partitions}`,
    '',
  ];
}

function transportLines({ transport, brokers, tls, username }: FirstConfig): string[] {
  if (transport === 'embedded')
    return [
      'transport:',
      '  # One machine, an LMDB store in a folder. For more machines: `kind: kafka` and `brokers`, nothing else changes.',
      '  kind: embedded',
      '  path: .sluice/store',
      '',
    ];
  return [
    'transport:',
    '  kind: kafka',
    `  brokers: [${brokers.map(quoted).join(', ')}]`,
    `  tls: ${tls}`,
    ...(username === undefined
      ? []
      : [
          '  sasl:',
          '    mechanism: scram-sha-512',
          `    username: ${quoted(username)}`,
          '    # The password stands in this variable, never in a file that is shared.',
          '    passwordEnv: SLUICE_KAFKA_PASSWORD',
        ]),
    '',
    'privacy:',
    '  # Makes pseudonyms of users and sessions: at least 16 bytes, the same on every instance. `sluice key create` makes one.',
    '  keyEnv: SLUICE_PSEUDONYM_KEY',
    '',
  ];
}

function wireLines({ inputFormat, registryUrl }: FirstConfig): string[] {
  return [
    'wire:',
    '  # json, avro (plain, schemas/*.avsc) or confluent (with a schema registry). Topics of another shape: `mapping`.',
    `  inputFormat: ${inputFormat}`,
    `  outputFormat: ${inputFormat}`,
    ...(inputFormat === 'confluent' ? [`  registryUrl: ${quoted(registryUrl)}`] : []),
    '',
  ];
}

function tail({ application, budget }: FirstConfig): string[] {
  return [
    'join:',
    '  # How long after an impression a click still counts, and how much disorder to wait for (ms). A sample comes out',
    '  # when both have passed.',
    '  attributionWindowMs: 1800000',
    '  allowedLatenessMs: 60000',
    '',
    'label:',
    '  # Weakest outcome that makes the label 1: DISMISS, VIEW, CLICK, ADD_TO_CART, PURCHASE.',
    '  goal: CLICK',
    '',
    'selection:',
    '  # Share of the samples to keep. Five times the click rate is comfortable, under twice it is not.',
    `  budget: ${budget}`,
    '  # The same salt keeps the same samples, here and in a replay.',
    `  salt: ${quoted(`${application}-1`)}`,
    '',
    'http:',
    '  # /metrics, /live, /ready and the console. Loopback, since there is no login.',
    '  host: 127.0.0.1',
    '  port: 9464',
    '',
  ];
}
