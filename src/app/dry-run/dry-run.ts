import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { findEventFile, readLineBatches } from '../../adapters/event-files/index.js';
import type { Config } from '../../config/schema.js';
import { topicName } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import type { DeadLetter } from '../../events/words.js';
import type { Gate } from '../../pipeline/admit.js';
import { INPUTS, type InputName, type ReadRecord, type Transport } from '../../ports/transport.js';
import { checkChoice, loadOwnCode, ownRules, ownValues } from '../../own/index.js';
import { silentLogger } from '../../adapters/memory/index.js';
import { firstFrom } from '../read-range.js';
import { type OwnOfPlugins, Look, type DryRunSummary } from './look.js';

export { JOIN_FATES } from './joins.js';
export type { DryRunSummary, TextFinding } from './look.js';

/** Where a message stands: in a file or in a topic. */
type Place =
  | { readonly file: string; readonly line: number }
  | { readonly topic: string; readonly partition: number; readonly offset: number };

/** One thing that would become a dead letter. */
export type DryRunFinding = Place & {
  /** Index of the item at fault; null when the whole message is. */
  readonly itemIndex: number | null;
  readonly code: string;
  readonly stage: string;
  readonly reason: string;
};

type OnProgress = (messageCount: number, fraction: number) => void;
type OnFinding = (finding: DryRunFinding) => Promise<void>;

/**
 * Takes event files through decode and clean as the processor would, and tells what would be dead-lettered, joined or
 * missed. Writes nothing and keeps nothing. Times are judged as if the files were sent at `nowMs`.
 * @param path an event file, or a folder with both
 * @param as what a file holds, when its name does not begin with it
 * @throws SluiceError `file-unreadable`, `event-file-invalid` (damaged gzip), `mapping-invalid`, `config-invalid`
 */
export async function dryRun(
  { config, nowMs }: { readonly config: Config; readonly nowMs: number },
  path: string,
  as: InputName | undefined,
  onProgress: OnProgress,
  onFinding: OnFinding,
): Promise<DryRunSummary> {
  const look = new Look(config, undefined, await ownOf(config));
  const files = filesOf(path, as);
  let messageCount = 0;
  for (const [index, { file, input }] of files.entries()) {
    for await (const { lines, readFraction } of readLineBatches(file)) {
      for (const { line, bytes } of lines) {
        const record = { offset: line, key: null, value: bytes, timestampMs: nowMs, headers: {} };
        await tell(look.take(input, record), { file, line }, onFinding);
      }
      messageCount += lines.length;
      onProgress(messageCount, (index + readFraction) / files.length);
    }
  }
  return look.summary;
}

/** What the plugins of a config make of a message, and refuse. */
async function ownOf(config: Config): Promise<OwnOfPlugins> {
  const ownCode = await loadOwnCode(config);
  checkChoice(config, ownCode);
  return { values: ownValues(ownCode, silentLogger), rules: ownRules(config, ownCode, silentLogger) };
}

/** What a dry run of topics reads with. */
export interface TopicSources {
  readonly config: Config;
  readonly transport: Pick<Transport, 'reader' | 'endOffsets' | 'missingTopics'>;
  readonly codecs: Pick<Gate, 'impressions' | 'interactions'>;
}

/**
 * The same for the newest messages of the input topics, `most` of each, as many from each partition. Joins no group, makes
 * no topic.
 * @throws SluiceError `topic-missing`, what transport and registry throw
 */
export async function dryRunTopics(
  { config, transport, codecs }: TopicSources,
  most: number,
  onProgress: OnProgress,
  onFinding: OnFinding,
): Promise<DryRunSummary> {
  const missing = (await transport.missingTopics()).find(({ role }) => isInput(role));
  if (missing) throw new SluiceError('topic-missing', { topic: missing.topic });
  const look = new Look(config, codecs, await ownOf(config));
  let messageCount = 0;
  for (const [index, input] of INPUTS.entries()) {
    const topic = topicName(config.topics, input);
    let ofInput = 0;
    for await (const record of newest(transport, input, most)) {
      const { partition, offset, value } = record;
      await codecs[input].prepare([value]);
      await tell(look.take(input, record, partition), { topic, partition, offset }, onFinding);
      messageCount++;
      ofInput++;
      onProgress(messageCount, (index + Math.min(1, ofInput / most)) / INPUTS.length);
    }
  }
  return look.summary;
}

/** The newest records of a topic up to its end as of now, as many from each partition. */
async function* newest(
  transport: Pick<Transport, 'reader' | 'endOffsets'>,
  input: InputName,
  most: number,
): AsyncGenerator<ReadRecord> {
  const ends = await transport.endOffsets(input);
  const each = Math.ceil(most / ends.length);
  for (const [partition, end] of ends.entries()) {
    const first = await firstFrom(transport, input, partition, 'earliest');
    if (first === undefined) continue;
    const reader = await transport.reader([input], Math.max(first.offset, end - each), partition);
    try {
      reading: while (!(await reader.caughtUp()))
        for (const record of await reader.poll(POLL_WAIT_MS)) {
          if (record.offset >= end) break reading;
          yield record;
        }
    } finally {
      await reader.close();
    }
  }
}

/** Longest wait of one poll. */
const POLL_WAIT_MS = 200;

async function tell(letters: readonly DeadLetter[], place: Place, onFinding: OnFinding): Promise<void> {
  for (const { stage, refused } of letters)
    for (const { code, reason, itemIndex } of refused) await onFinding({ ...place, itemIndex, code, stage, reason });
}

function isInput(role: string): boolean {
  return INPUTS.some((input) => input === role);
}

function filesOf(
  path: string,
  as: InputName | undefined,
): readonly { readonly file: string; readonly input: InputName }[] {
  if (statSync(path).isDirectory()) return INPUTS.map((input) => ({ file: findEventFile(path, input), input }));
  const input = as ?? INPUTS.find((name) => basename(path).startsWith(name));
  if (input === undefined) {
    throw new SluiceError('config-invalid', {
      problems: `${path}: its name does not say what it holds; add --as impressions or --as interactions`,
    });
  }
  return [{ file: path, input }];
}
