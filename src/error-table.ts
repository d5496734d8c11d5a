import { RULE_ERRORS } from './conduct/rules.js';
import { LEARNING_ERRORS } from './learning-errors.js';
import { MESSAGE_ERRORS } from './message-errors.js';
import { TRANSPORT_ERRORS } from './transport-errors.js';

/**
 * The one error table. A code is a metric label, a log field, a dead-letter header and a heading in `docs/reference/errors.md`
 * (a test holds table and page together both ways). Messages name the place, the value, the limit and the remedy.
 * Classes: `config` the operator must change something; `data` the input can never succeed (it becomes a dead letter);
 * `transient` retried within bounds; `bug` ours.
 */
export type ErrorClass = 'config' | 'data' | 'transient' | 'bug';

interface ErrorEntry {
  readonly class: ErrorClass;
  readonly message: string;
  readonly remedy: string;
}

export const ERRORS = {
  // decode and clean
  ...MESSAGE_ERRORS,
  // quality
  ...RULE_ERRORS,
  'open-impressions-full': {
    class: 'data',
    message: 'join.maxOpenImpressions = {limit} impressions are open',
    remedy: 'Raise the cap, shorten join.attributionWindowMs, or add partitions.',
  },
  // config and start
  'config-invalid': {
    class: 'config',
    message: '{problems}',
    remedy: 'See docs/reference/configuration.md; `sluice lint --config FILE` lists every problem at once.',
  },
  'file-unreadable': {
    class: 'config',
    message: 'cannot read {path}: {why}',
    remedy: 'Check the path and its permissions.',
  },
  'file-unwritable': {
    class: 'config',
    message: 'cannot write {path}: {why}',
    remedy: 'Check the path, its permissions and the room on its disk; something else may lie there.',
  },
  'event-file-invalid': {
    class: 'data',
    message: '{path}, line {line}: {why}',
    remedy: 'An event file holds one JSON record per line, with the fields of docs/reference/records.md.',
  },
  'partition-counts-differ': {
    class: 'config',
    message: '{left} has {leftCount} partitions, {right} has {rightCount}',
    remedy:
      "Impressions and interactions are joined partition by partition: recreate one of the topics with the other's partition count.",
  },
  'inputs-grew': {
    class: 'transient',
    message: 'the input topics have more partitions than this run began with: {topics}',
    remedy: 'Nothing: the run begins anew by itself and reads them, too.',
  },
  'topic-missing': {
    class: 'config',
    message: 'topic {topic} does not exist, or may not be seen',
    remedy:
      'Create it, or set topics.create = true; where it exists, grant DESCRIBE on it (docs/how/kafka-security.md).',
  },
  'output-partitions-changed': {
    class: 'config',
    message: 'topic {topic} has {found} partitions where the stored state was written with {expected}',
    remedy: 'Start a new application name, or restore the partition count.',
  },
  'settings-changed': {
    class: 'config',
    message: 'this application has read a part of its input under other settings: {changes}',
    remedy:
      'Put the old value back; or give a new application name, which reads the input from where it is kept; or `sluice reset`, which begins anew here and says what it leaves behind.',
  },
  'settings-lost': {
    class: 'data',
    message:
      'the settings {id} that a part of the input was read under are not in the checkpoints topic of partition {partition}',
    remedy: 'Restore the topic, or begin anew with `sluice reset`, which says what it leaves behind.',
  },
  'key-changed': {
    class: 'config',
    message: 'this application has used pseudonym key {before} and is started with {after}',
    remedy:
      'Start it with its own key: with another one, nobody would be recognised. To replace the key, `sluice key rotate` makes the new one and says how to start with it.',
  },
  'progress-lost': {
    class: 'config',
    message:
      'partition {partition} of application {application} has been worked on, but its committed offsets or their progress record are gone or disagree (group deleted, offsets moved, reset or expired)',
    remedy:
      'Going on would emit everything again. If the offsets can be put back together with their metadata, do so; else say where to begin: `sluice reset --to earliest` or `--to end`.',
  },
  'store-in-use': {
    class: 'config',
    message: 'the store at {path} is in use by another run of application {application} (process {pid})',
    remedy: 'Stop the other run, or give this one another transport.path or application.',
  },
  'group-in-use': {
    class: 'config',
    message: 'application {application} is running: its consumer group has {count} members ({members})',
    remedy:
      'Stop all of its instances, then try again. One that was killed on another machine counts until its session (transport.sessionTimeoutMs) is over.',
  },
  'key-exists': {
    class: 'config',
    message: 'there is a pseudonym key at {path} already',
    remedy:
      'Use that one: with another key every pseudonym changes. For a new application name another file with --out.',
  },
  'key-missing': {
    class: 'config',
    message: 'there is no pseudonym key: {keyEnv} is not set and {keyFile} does not exist',
    remedy:
      'Make one with `sluice key create`, keep it where secrets are kept, and give every instance the same one by the variable or the file.',
  },
  'store-missing': {
    class: 'config',
    message: 'there is no embedded store to look at: {why}',
    remedy: 'Set transport.kind = embedded, and transport.path to its folder.',
  },
  'store-damaged': {
    class: 'data',
    message: 'the store at {path} is damaged: {why}',
    remedy:
      'Nothing was taken from it. `sluice store check` lists what is damaged; restore the folder from a copy, or move it away and send the events again.',
  },
  'store-full': {
    class: 'transient',
    message: 'the store at {path} cannot grow: {why}',
    remedy: 'Free disk space; the last committed batch is safe, and a restart goes on from it.',
  },
  'store-failed': {
    class: 'transient',
    message: 'the store at {path} failed: {why}',
    remedy: 'The last committed batch is safe, and a restart goes on from it; check the disk if it happens again.',
  },
  'progress-too-large': {
    class: 'bug',
    message: 'progress record of {bytes} bytes is over {limit}',
    remedy: 'Please report it with the config.',
  },
  // transport
  ...TRANSPORT_ERRORS,
  // encoder
  'encoder-file-invalid': {
    class: 'config',
    message: 'encoder file {path}: {why}',
    remedy:
      'Restore the file (models/README.md names origin and checksum of the built-in ones), or correct encoder.* in the config (docs/how/encoders.md).',
  },
  'encoder-chosen': {
    class: 'transient',
    message: 'the first texts chose text encoder {model}, another one than this run began with',
    remedy: 'Nothing: the run begins anew with it by itself, or when it is started again. The choice is on record.',
  },
  'encoder-device-unavailable': {
    class: 'config',
    message: 'encoder.device = {device} cannot be used: {why}',
    remedy:
      'Install the driver of the graphics card and the Vulkan loader (Debian: libvulkan1), name the driver in VK_DRIVER_FILES if it is not found, or set encoder.device = cpu (docs/how/encoder-gpu.md).',
  },
  'encoder-not-on-device': {
    class: 'config',
    message: 'encoder file {path}: with encoder.device = {device} its operators {operators} would run on the CPU',
    remedy:
      'Set encoder.model to a float32 or float16 file (scripts/float-encoder.py makes both of the built-in encoder), or set encoder.device = cpu.',
  },
  'encoder-server-refused': {
    class: 'config',
    message: 'encoder server {url}: {why}',
    remedy:
      'Correct encoder.server (url, api, model, tokenEnv) or the server; one that is only down or busy is waited for (docs/how/encoders.md).',
  },
  'encoder-failed': {
    class: 'transient',
    message: 'encoder: {why}',
    remedy: 'The batch is not committed and will be read again.',
  },
  // state
  'checkpoint-damaged': {
    class: 'transient',
    message: 'checkpoint {checkpointId} of partition {partition}: {why}',
    remedy: 'The one before it is used; more input is read again.',
  },
  'checkpoint-version': {
    class: 'config',
    message: 'checkpoint {checkpointId} has version {found}, this release reads {expected}',
    remedy: 'Run the release that wrote it, or delete the checkpoints topic to rebuild state from the input.',
  },
  'progress-version': {
    class: 'config',
    message: 'progress record has version {found}, this release reads {expected}',
    remedy: 'Run the release that wrote it, or start a new application name.',
  },
  // learning and snapshots
  ...LEARNING_ERRORS,
  // dump
  'feature-set-unknown': {
    class: 'config',
    message:
      'rows of feature set {featureSetId} have columns that nobody names: this config gives {own}, and no snapshot was fitted on the other',
    remedy:
      'Dump with the config that wrote the rows, leave them out with --feature-set, or take --format ndjson, which names no column.',
  },
  'feature-sets-mixed': {
    class: 'config',
    message: 'rows of the feature sets {one} and {other} have different columns',
    remedy: 'Dump one at a time with --feature-set; Parquet and Arrow take both, with the columns of both.',
  },
  'column-unknown': {
    class: 'config',
    message: 'no column is called {column}.{near}',
    remedy:
      'Features are `feature.NAME`, carried fields `carried.PATH`; `*` stands for any text (docs/how/read-samples.md).',
  },
  'dead-letter-unknown': {
    class: 'config',
    message: 'there is no dead letter {id}',
    remedy: '`sluice dead-letters list` shows what there is; an id is partition:offset.',
  },
  'dead-letter-cut': {
    class: 'config',
    message: 'dead letter {id} holds {kept} of {bytes} bytes, and its message is no longer at {source}',
    remedy:
      'Nothing was sent: name the others by --id. Only the producer can send this message again; raise max.message.bytes of the dead-letters topic to keep such messages whole.',
  },
  // HTTP
  'http-port-taken': {
    class: 'config',
    message: 'cannot listen on {host}:{port}: {why}',
    remedy:
      'Set the port (0 picks a free one) or host of http or serving, or http.enabled = off, or serving.enabled = false.',
  },
  'cases-invalid': {
    class: 'config',
    message: 'the cases of {path} are not understood: {problems}',
    remedy: 'docs/examples/cases.yaml shows every part of a case.',
  },
  'tap-unusable': {
    class: 'config',
    message: 'a tap {why}',
    remedy:
      'Stages: pseudonymise (messages), join (late, dead letters), select (samples). `sluice tap --help` shows conditions.',
  },
  'token-unusable': {
    class: 'config',
    message: 'the token of {option} {why}',
    remedy:
      'Put at least 16 random characters into the variable or file of the option: http.tokenEnv, http.tokenFile for http.control; http.eventsTokenEnv, http.eventsTokenFile for http.events; serving.tokenEnv, serving.tokenFile for serving.',
  },
  'dump-folder-shared': {
    class: 'config',
    message: '{folder} has rows of {topic} that this process did not write: another one follows into it',
    remedy: 'Let one process follow a topic into a folder. A start goes on behind what is there.',
  },
  // tables
  'table-unreadable': {
    class: 'config',
    message: 'table {table}: {path}, line {line}: {why}',
    remedy: 'Mend the file, or tables.NAME.rowKey and .time, which name the fields with key and time of a row.',
  },
  'table-full': {
    class: 'config',
    message: 'table {table} has more than maxVersions = {limit} versions of rows that may be asked for',
    remedy: 'Raise maxVersions of the table, shorten its keepMs, or leave out rows that no impression has.',
  },
  // own code
  'plugin-invalid': {
    class: 'config',
    message: 'plugin {file} cannot be used: {why}',
    remedy: '`sluice test --plugin FILE` says all that is wrong with a plugin (docs/how/own-code.md).',
  },
  'plugin-failed': {
    class: 'config',
    message: '{what} {why}',
    remedy:
      'Nothing was committed of the unit of work: mend the plugin and start again. `sluice test --plugin FILE` tries it on rows and messages of all sorts.',
  },
  'plugin-slow': {
    class: 'config',
    message: '{what} has not come back within {limit} ms',
    remedy: 'Make it faster, or raise run.maxPluginCallMs (loading and fitting have sixty times that).',
  },
  // the rest
  'import-file-invalid': {
    class: 'data',
    message: '{path}, line {line}: {why}',
    remedy: 'Check delimiter, quoting and compression of the log; nothing was written.',
  },
  'mapping-invalid': {
    class: 'config',
    message: '{path}: {problems}',
    remedy: 'See docs/how/mapping.md for the mapping language.',
  },
  'worker-exited': {
    class: 'transient',
    message: 'worker {worker} ended with status {status}',
    remedy: 'It is started again; if it ends again and again, see the log lines before it.',
  },
  'child-failed': {
    class: 'bug',
    message: 'a child process ended with status {status}: {why}',
    remedy: 'Run the same `sluice run` by hand, and please report it with its log lines.',
  },
  bug: { class: 'bug', message: '{why}', remedy: 'Please report it with the log lines before it.' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
