/** What may be wrong between Sluice and its log or registry: the part of the error table on the transport. */
export const TRANSPORT_ERRORS = {
  'kafka-unreachable': {
    class: 'transient',
    message: 'no broker of {brokers} answers: {why}',
    remedy: 'Check transport.brokers, TLS and SASL settings, and that the brokers are up.',
  },
  'kafka-failed': {
    class: 'transient',
    message: 'Kafka: {why}',
    remedy: 'See the broker log; the last committed batch is safe, and a restart goes on from it.',
  },
  'kafka-tls': {
    class: 'config',
    message: 'no TLS connection with broker {broker}: {why}',
    remedy:
      'Compare transport.tls, transport.certificates and the ports in transport.brokers with the listeners of the brokers (docs/how/kafka-security.md).',
  },
  'kafka-authentication': {
    class: 'config',
    message: 'Kafka did not accept the credentials: {why}',
    remedy:
      'Check transport.sasl.mechanism, transport.sasl.username, the password in the variable that transport.sasl.passwordEnv names (or in transport.sasl.passwordFile), and transport.sasl.oauth.',
  },
  'credential-unreadable': {
    class: 'config',
    message: '{setting}: {why}',
    remedy: 'Correct the file or variable, or the setting that names it; secrets never stand in the config itself.',
  },
  'token-refused': {
    class: 'config',
    message: 'no token by {setting}: {why}',
    remedy: 'Check url, clientId, client secret, scope and audience there, or what its command prints.',
  },
  'token-unreachable': {
    class: 'transient',
    message: 'no token by {setting}: {why}',
    remedy: 'Check that the token endpoint can be reached from here.',
  },
  'kafka-not-authorised': {
    class: 'config',
    message: 'Kafka refused a right: {operations} on {resource}: {why}',
    remedy:
      'Grant it to the user; docs/how/kafka-security.md lists the rights of each mode, and what can be done without.',
  },
  'kafka-refused': {
    class: 'config',
    message: 'Kafka refused a setting: {why}',
    remedy:
      'Compare transport.sessionTimeoutMs and transport.transactionTimeoutMs with group.min.session.timeout.ms, group.max.session.timeout.ms, transaction.max.timeout.ms and offset.metadata.max.bytes of the brokers.',
  },
  'record-too-large': {
    class: 'config',
    message: '{topic} does not take a record of {bytes} bytes: {why}',
    remedy: 'Raise max.message.bytes of that topic; the last committed batch is safe.',
  },
  'batch-too-large': {
    class: 'data',
    message: 'a batch of {count} messages, offsets {firstOffset} to {lastOffset}, unpacks to more than {limit} bytes',
    remedy: 'Send its messages again in smaller batches (batch.size of the producer).',
  },
  'batch-damaged': {
    class: 'data',
    message: 'a batch of {count} messages, offsets {firstOffset} to {lastOffset}, cannot be taken apart: {why}',
    remedy: 'The batch is damaged or made by a faulty producer: send its messages again.',
  },
  'unreadable-batch': {
    class: 'config',
    message: '{topic}-{partition} holds a batch at offset {offset} that cannot be taken apart: {why}',
    remedy:
      'The batch is damaged or made by a faulty producer. Send its messages again and move past it (kafka-delete-records up to the offset after it), or recreate the topic.',
  },
  'topic-not-made': {
    class: 'config',
    message: 'topic {topic} cannot be {done}: {why}',
    remedy:
      'Make it yourself and set topics.create = false, or grant CREATE and ALTER on it and check topics.replicationFactor and topics.partitions.',
  },
  'topic-limit': {
    class: 'config',
    message: 'topic {topic} takes messages of {limit} bytes, {needed} are needed',
    remedy: 'Raise max.message.bytes of the topic.',
  },
  fenced: {
    class: 'transient',
    message: 'partition {partition} was taken over by another instance',
    remedy: 'Nothing to do after a rebalance. Repeated, it means two deployments share one application name.',
  },
  'input-lost': {
    class: 'config',
    message:
      '{topic}-{partition} begins at offset {earliest}, after the rewind offset {wanted}: retention removed input that the state needs',
    remedy:
      'Keep input for at least the attribution window, the allowed lateness and two checkpoint intervals. To go on without it: `sluice reset`.',
  },
  stuck: {
    class: 'transient',
    message: '{what} has made no progress for {forMs} ms',
    remedy: 'The process ends so that its supervisor restarts it; the last committed batch is safe.',
  },
  'schema-registry-unreachable': {
    class: 'transient',
    message: 'schema registry {url} did not answer: {why}',
    remedy: 'Check wire.registryUrl and the registry; input is held back meanwhile.',
  },
  'schema-registry-refused': {
    class: 'config',
    message: 'schema registry {url} refused us: {why}',
    remedy:
      'Check wire.registryAuthEnv, wire.registryTokenEnv or wire.registryOauth, and wire.registryCertificates; who may only read sets wire.registrySchemas = look-up (docs/how/kafka-security.md).',
  },
  'schema-not-registered': {
    class: 'config',
    message: 'schema registry {url} has no schema of ours under the subject {subject}: {why}',
    remedy:
      'Register it once with rights of your own (docs/how/kafka-security.md), or set wire.registrySchemas = register; wire.subjectNames says how subjects are called.',
  },
  'schema-not-writable': {
    class: 'config',
    message:
      'version {version} of {subject} (schema id {schemaId}, registry {url}) does not read what Sluice writes: {why}',
    remedy: 'Register a version that does, or set wire.registrySchemas = look-up and register that of schemas/.',
  },
  'schema-incompatible': {
    class: 'config',
    message: 'schema registry {url} refused the schema of {subject}: {why}',
    remedy: 'Register a compatible schema under that subject, or name another topic in topics.names.',
  },
} as const;
