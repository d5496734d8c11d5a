import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createGunzip, createGzip } from 'node:zlib';
import { SluiceError } from '../../errors.js';
import type { Headers, LogRecord, NewRecord } from '../../ports/transport.js';
import type { CapturedState } from './capture.js';

/** Version of the layout below; another one is refused, not guessed at. */
export const CHECKPOINT_VERSION = 1;

/** Bytes a record: below Kafka's default message limit of 1 MB. */
const CHUNK_BYTES = 900_000;
/** Lists turned into text at a time, so that the event loop breathes. */
const LISTS_A_SLICE = 256;
/** Numbers compressed at a time. */
const NUMBERS_A_SLICE = 131_072;

/** A checkpoint ready to be committed. */
export interface PackedCheckpoint {
  readonly checkpointId: number;
  readonly chunks: readonly Uint8Array[];
  /** SHA-256 of all chunks, hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Serialises and compresses a captured state in slices: JSON lines for the texts, then the columns as they stand in
 * memory (little-endian float64). gzip at level 1, on the thread pool.
 */
export async function packCheckpoint(checkpointId: number, captured: CapturedState): Promise<PackedCheckpoint> {
  const gzip = createGzip({ level: 1 });
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const ended = once(gzip, 'end');
  for (const slice of slicesOf(captured)) if (!gzip.write(slice)) await once(gzip, 'drain');
  gzip.end();
  await ended;
  const packed = Buffer.concat(parts);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < packed.length; at += CHUNK_BYTES) chunks.push(packed.subarray(at, at + CHUNK_BYTES));
  return { checkpointId, chunks, sha256: createHash('sha256').update(packed).digest('hex'), bytes: packed.length };
}

function* slicesOf(captured: CapturedState): Generator<Uint8Array> {
  const { lists, ...join } = captured.join;
  const head = {
    start: captured.start,
    join,
    pending: captured.pending.length,
    lists: lists.length,
    sections: captured.sections.map(({ name, values }) => [name, values.length]),
  };
  yield Buffer.from(`${JSON.stringify(head, infinityAsText)}\n`);
  for (const rows of [captured.pending, lists]) {
    for (let at = 0; at < rows.length; at += LISTS_A_SLICE) {
      yield Buffer.from(rows.slice(at, at + LISTS_A_SLICE).map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
  }
  for (const { values } of captured.sections) {
    for (let at = 0; at < values.length; at += NUMBERS_A_SLICE) {
      const slice = values.subarray(at, at + NUMBERS_A_SLICE);
      yield new Uint8Array(slice.buffer, slice.byteOffset, slice.byteLength);
    }
  }
}

/** Reads what {@link packCheckpoint} made. */
export async function unpackCheckpoint(packed: Uint8Array): Promise<CapturedState> {
  const bytes = await gunzipped(packed);
  let at = 0;
  const line = (): string => {
    const end = bytes.indexOf(NEWLINE, at);
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  const head = JSON.parse(line(), textAsInfinity) as {
    start: CapturedState['start'];
    join: Omit<CapturedState['join'], 'lists'>;
    pending: number;
    lists: number;
    sections: [string, number][];
  };
  const pending = Array.from({ length: head.pending }, () => JSON.parse(line()) as CapturedState['pending'][number]);
  const lists = Array.from({ length: head.lists }, () => JSON.parse(line()) as CapturedState['join']['lists'][number]);
  const sections = head.sections.map(([name, length]) => {
    const values = new Float64Array(length);
    new Uint8Array(values.buffer).set(bytes.subarray(at, at + length * Float64Array.BYTES_PER_ELEMENT));
    at += length * Float64Array.BYTES_PER_ELEMENT;
    return { name, values };
  });
  return { start: head.start, join: { ...head.join, lists }, pending, sections };
}

/**
 * Records of a checkpoint: keyed by slot and chunk, so that compaction keeps the newest two and nothing else. Every chunk
 * carries the facts needed to tell whether all of them belong together.
 */
export function checkpointRecords(partition: number, checkpoint: PackedCheckpoint): NewRecord[] {
  return checkpoint.chunks.map((value, index) => ({
    topic: 'checkpoints',
    partition,
    key: utf8.encode(`${partition}/${checkpoint.checkpointId % SLOTS}/${index}`),
    value,
    headers: {
      'sluice.checkpointId': String(checkpoint.checkpointId),
      'sluice.version': String(CHECKPOINT_VERSION),
      'sluice.chunk': String(index),
      'sluice.chunks': String(checkpoint.chunks.length),
      'sluice.sha256': checkpoint.sha256,
    },
  }));
}

/**
 * The bytes of one checkpoint out of the records of its partition.
 * @throws checkpoint-damaged when a chunk is missing or the checksum differs; checkpoint-version when another release wrote it
 */
export function assembleCheckpoint(records: readonly LogRecord[], partition: number, checkpointId: number): Uint8Array {
  const damaged = (why: string): SluiceError => new SluiceError('checkpoint-damaged', { checkpointId, partition, why });
  const chunks = new Map<number, LogRecord>();
  let facts: Headers | undefined;
  for (const record of records) {
    if (record.headers['sluice.checkpointId'] !== String(checkpointId)) continue;
    facts = record.headers;
    chunks.set(Number(record.headers['sluice.chunk']), record);
  }
  if (!facts) throw damaged('it is not in the topic');
  const found = Number(facts['sluice.version']);
  if (found !== CHECKPOINT_VERSION) throw new SluiceError('checkpoint-version', { checkpointId, found, expected: CHECKPOINT_VERSION });
  const count = Number(facts['sluice.chunks']);
  const values = Array.from({ length: count }, (_, index) => chunks.get(index)?.value);
  const missing = values.findIndex((value) => !value);
  if (missing >= 0) throw damaged(`chunk ${missing} of ${count} is missing`);
  const packed = Buffer.concat(values as Uint8Array[]);
  if (createHash('sha256').update(packed).digest('hex') !== facts['sluice.sha256']) throw damaged('its checksum differs');
  return packed;
}

const SLOTS = 2;
const NEWLINE = 0x0a;
const utf8 = new TextEncoder();

async function gunzipped(packed: Uint8Array): Promise<Buffer> {
  const gunzip = createGunzip();
  const parts: Buffer[] = [];
  gunzip.on('data', (part: Buffer) => parts.push(part));
  const ended = once(gunzip, 'end');
  gunzip.end(packed);
  await ended;
  return Buffer.concat(parts);
}

// JSON has no −Infinity; a watermark before the first event is one.
function infinityAsText(_name: string, value: unknown): unknown {
  return value === -Infinity ? '-Infinity' : value;
}

function textAsInfinity(_name: string, value: unknown): unknown {
  return value === '-Infinity' ? -Infinity : value;
}
