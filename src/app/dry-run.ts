import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { jsonImpressions, jsonInteractions } from '../adapters/avro/index.js';
import { findEventFile, type Line, readLineBatches } from '../adapters/event-files/index.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { DeadLetter, DeclaredOutcome } from '../events/words.js';
import { isOneTopic } from '../config/topics.js';
import { compileTopicMapping, loadMapping } from '../import/index.js';
import { admit, type Gate } from '../pipeline/admit.js';
import { DeclaredReader } from '../pipeline/clean/declared.js';
import { ownFields } from '../pipeline/clean/own-fields.js';
import { chooseBuiltIn, tokenShare } from '../adapters/onnx/encoder/token-share.js';
import { HIGH_UNKNOWN_FRACTION, unknownFraction, unknownRemedy } from '../adapters/onnx/encoder/unknown-tokens.js';
import { INPUTS, type InputName, type LogRecord } from '../ports/transport.js';
import { CHOICE_TEXTS, FirstTexts } from './first-texts.js';
import { plainGate } from './plain-gate.js';

/** One thing that would become a dead letter. */
export interface DryRunFinding {
  readonly file: string;
  readonly line: number;
  /** Index of the item at fault; null when the whole message is. */
  readonly itemIndex: number | null;
  readonly code: string;
  readonly stage: string;
  readonly reason: string;
}

export interface DryRunSummary {
  /** Counted one by one, refused ones included. */
  readonly impressions: number;
  readonly interactions: number;
  /** Messages that the mapping leaves out. */
  readonly leftOut: number;
  readonly deadLetters: number;
  readonly byCode: Readonly<Record<string, number>>;
  /** What the text encoder makes of the first texts; null where nothing would be embedded. */
  readonly texts: TextFinding | null;
  /** What became of the values of each declared feature. */
  readonly declared: Readonly<Record<string, Readonly<Record<DeclaredOutcome, number>>>>;
}

/** How well an encoder knows some texts. */
export interface TextFinding {
  /** The encoder, as `encoder.model` names it; what `builtin` would choose. */
  readonly model: string;
  readonly textCount: number;
  readonly unknownFraction: number;
  /** What to do; null when the encoder knows them. */
  readonly remedy: string | null;
}

type Counts = { -readonly [K in keyof Omit<DryRunSummary, 'byCode' | 'texts' | 'declared'>]: number } & {
  readonly byCode: Record<string, number>;
};

/**
 * Takes event files through decode and clean as the processor would, and tells what would be dead-lettered. Writes
 * nothing and keeps nothing. Times are judged as if the files were sent at `nowMs`.
 * @param path an event file, or a folder with both
 * @param as what a file holds, when its name does not begin with it
 * @throws SluiceError `file-unreadable`, `event-file-invalid` (damaged gzip), `mapping-invalid`, `config-invalid`
 */
export async function dryRun(
  { config, nowMs }: { readonly config: Config; readonly nowMs: number },
  path: string,
  as: InputName | undefined,
  onProgress: (messageCount: number, fraction: number) => void,
  onFinding: (finding: DryRunFinding) => Promise<void>,
): Promise<DryRunSummary> {
  const { declared } = config.features;
  const reader = declared.length > 0 ? new DeclaredReader(declared, config.clean.timeUnit) : undefined;
  const own = ownFields(reader, undefined);
  const { mapping } = config.wire;
  const isMapped = mapping !== undefined;
  // Event files are JSON whatever the topics are.
  const gate: Gate = {
    ...plainGate(config, { impressions: jsonImpressions(isMapped), interactions: jsonInteractions(isMapped) }),
    ...(mapping === undefined
      ? {}
      : { mapping: compileTopicMapping(loadMapping(mapping), mapping, isOneTopic(config.topics)) }),
    ...(own ? { own } : {}),
  };
  const firstTexts = new FirstTexts(MOST_TEXTS);
  const counts: Counts = { impressions: 0, interactions: 0, leftOut: 0, deadLetters: 0, byCode: {} };
  const files = filesOf(path, as);
  let messageCount = 0;
  for (const [index, { file, input }] of files.entries()) {
    for await (const { lines, readFraction } of readLineBatches(file)) {
      for (const line of lines) {
        for (const letter of tally(gate, input, line, nowMs, counts, firstTexts)) {
          for (const { code, reason, itemIndex } of letter.refused)
            await onFinding({ file, line: line.line, itemIndex, code, stage: letter.stage, reason });
        }
      }
      messageCount += lines.length;
      onProgress(messageCount, (index + readFraction) / files.length);
    }
  }
  return {
    ...counts,
    texts: textFinding(config.encoder, firstTexts.texts),
    declared: Object.fromEntries(reader?.outcomes ?? []),
  };
}

/** Distinct texts that the encoder's tokenizer is tried on: a second of work. */
const MOST_TEXTS = 10_000;

function textFinding(encoder: Config['encoder'], texts: readonly string[]): TextFinding | null {
  if (!encoder.enabled || texts.length === 0) return null;
  const model = encoder.model === 'builtin' ? chooseBuiltIn(texts.slice(0, CHOICE_TEXTS)).model : encoder.model;
  const fraction = unknownFraction(tokenShare({ ...encoder, model }, texts));
  return {
    model,
    textCount: texts.length,
    unknownFraction: Number(fraction.toFixed(4)),
    remedy: fraction > HIGH_UNKNOWN_FRACTION ? unknownRemedy(model) : null,
  };
}

function tally(
  gate: Gate,
  input: InputName,
  line: Line,
  nowMs: number,
  counts: Counts,
  firstTexts: FirstTexts,
): readonly DeadLetter[] {
  const record: LogRecord = { offset: line.line, key: null, value: line.bytes, timestampMs: nowMs, headers: {} };
  const letters: DeadLetter[] = [];
  for (const admitted of admit(gate, input, record)) {
    if (admitted.kind === 'rejected' && admitted.readCount === 0) counts.leftOut += 1;
    counts[input] += admitted.kind === 'interaction' ? 1 : admitted.readCount;
    if (admitted.kind === 'list') firstTexts.take(admitted.list);
    if (admitted.kind !== 'interaction') letters.push(...admitted.deadLetters);
  }
  counts.deadLetters += letters.length;
  for (const { code } of letters.flatMap(({ refused }) => refused))
    counts.byCode[code] = (counts.byCode[code] ?? 0) + 1;
  return letters;
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
