import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createGunzip, createGzip } from 'node:zlib';
import { ELEMENTS, type NumericColumn, type NumericType } from '../../bundle/bundle.js';
import { SluiceError } from '../../errors.js';
import type { Headers, LogRecord, NewRecord } from '../../ports/transport.js';
import { APPLICATION_HEADER, keyPrefix, type Owner } from './owner.js';
import { completeCapture, type CapturedState, type Section } from './capture.js';

/** Version of the layout below; another one is refused, not guessed at. */
export const CHECKPOINT_VERSION = 5;
/** Earlier layouts that are read, too: 4 says nothing of held events, since there were none. */
const READABLE_VERSIONS = [4, CHECKPOINT_VERSION];

/** Bytes a record: below Kafka's default message limit of 1 MB. */
const CHUNK_BYTES = 900_000;
/** Lists turned into text at a time, so that the event loop breathes. */
const LISTS_A_SLICE = 256;
/** Bytes of columns compressed at a time. */
const SLICE_BYTES = 524_288;
const GZIP_PART_BYTES = 65_536;

/** A checkpoint ready to be committed. */
export interface PackedCheckpoint {
  readonly checkpointId: number;
  readonly chunks: readonly Uint8Array[];
  /** SHA-256 of all chunks, hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Completes, serialises and compresses a captured state in slices: JSON lines for the texts, then the columns as they
 * stand in memory (little-endian). gzip at level 1, on the thread pool.
 */
export async function packCheckpoint(checkpointId: number, captured: CapturedState): Promise<PackedCheckpoint> {
  await completeCapture(captured);
  const gzip = createGzip({ level: 1, chunkSize: GZIP_PART_BYTES });
  const chunks = new Chunks();
  gzip.on('data', (part: Buffer) => chunks.add(part));
  const ended = once(gzip, 'end');
  for (const slice of slicesOf(captured)) if (!gzip.write(slice)) await once(gzip, 'drain');
  gzip.end();
  await ended;
  return { checkpointId, ...chunks.end() };
}

/** Cuts compressed parts into chunks and sums them up as they come. */
class Chunks {
  private readonly chunks: Uint8Array[] = [];
  private readonly hash = createHash('sha256');
  private current = new Uint8Array(CHUNK_BYTES);
  private used = 0;

  add(part: Uint8Array): void {
    this.hash.update(part);
    for (let at = 0; at < part.length;) {
      const room = Math.min(CHUNK_BYTES - this.used, part.length - at);
      this.current.set(part.subarray(at, at + room), this.used);
      this.used += room;
      at += room;
      if (this.used === CHUNK_BYTES) this.cut();
    }
  }

  end(): Omit<PackedCheckpoint, 'checkpointId'> {
    if (this.used > 0) this.cut();
    return {
      chunks: this.chunks,
      sha256: this.hash.digest('hex'),
      bytes: this.chunks.reduce((sum, { length }) => sum + length, 0),
    };
  }

  private cut(): void {
    this.chunks.push(this.used === CHUNK_BYTES ? this.current : this.current.slice(0, this.used));
    this.current = new Uint8Array(CHUNK_BYTES);
    this.used = 0;
  }
}

function* slicesOf(captured: CapturedState): Generator<Uint8Array> {
  const { lists, ...join } = captured.join;
  const head = {
    start: captured.start,
    join,
    pending: captured.pending.length,
    lists: lists.length,
    sections: captured.sections.map((section): SectionHead => [
      section.name,
      typeOf(section),
      partsOf(section).reduce((sum, { length }) => sum + length, 0),
    ]),
  };
  yield Buffer.from(`${JSON.stringify(head, infinityAsText)}\n`);
  for (const rows of [captured.pending, lists]) {
    for (let at = 0; at < rows.length; at += LISTS_A_SLICE) {
      yield Buffer.from(
        rows
          .slice(at, at + LISTS_A_SLICE)
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(''),
      );
    }
  }
  for (const section of captured.sections) yield* slicesOfSection(section);
}

/** The bytes of a column: small parts gathered into slices, large ones cut. */
function* slicesOfSection(section: Section): Generator<Uint8Array> {
  const parts = partsOf(section);
  let leftBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let slice = new Uint8Array(Math.min(SLICE_BYTES, leftBytes));
  let used = 0;
  for (const part of parts) {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    for (let at = 0; at < bytes.length;) {
      const room = Math.min(slice.length - used, bytes.length - at);
      slice.set(bytes.subarray(at, at + room), used);
      used += room;
      at += room;
      if (used < slice.length) continue;
      yield slice;
      leftBytes -= used;
      slice = new Uint8Array(Math.min(SLICE_BYTES, leftBytes));
      used = 0;
    }
  }
}

function partsOf({ values }: Section): readonly NumericColumn[] {
  return ArrayBuffer.isView(values) ? [values] : values;
}

/** Name, element type and length in elements. */
type SectionHead = [name: string, type: NumericType, length: number];

function typeOf(section: Section): NumericType {
  const [first] = partsOf(section);
  return (Object.keys(ELEMENTS) as NumericType[]).find((name) => first instanceof ELEMENTS[name]) ?? 'f64';
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
    sections: SectionHead[];
  };
  const pending = Array.from({ length: head.pending }, () => JSON.parse(line()) as CapturedState['pending'][number]);
  const lists = Array.from({ length: head.lists }, () => JSON.parse(line()) as CapturedState['join']['lists'][number]);
  const sections = head.sections.map(([name, type, length]): Section => {
    const values = new ELEMENTS[type](length);
    const byteLength = values.byteLength;
    if (at + byteLength > bytes.length) throw new RangeError(`section ${name} is cut off`);
    new Uint8Array(values.buffer).set(bytes.subarray(at, at + byteLength));
    at += byteLength;
    return { name, values };
  });
  return { start: head.start, join: { ...head.join, lists }, pending, sections, copying: [] };
}

/** What the chunks of a checkpoint are known by, and the part of their keys that the next but some take over. */
export interface CheckpointName {
  readonly id: string;
  readonly slot: string;
}

const ordinaryName = (checkpointId: number): CheckpointName => ({
  id: String(checkpointId),
  slot: String(checkpointId % SLOTS),
});

/** The name of a whole checkpoint: two slots, so that one on its way leaves the one before it as it is. */
export const wholeName = (wholeId: number): CheckpointName => ({ id: `w${wholeId}`, slot: `whole${wholeId % 2}` });

/**
 * Records of a checkpoint's chunks [from, to): keyed by slot and chunk, so that compaction keeps the newest three: the one
 * restored from, the one before it in case it is damaged, and the one on its way. Every chunk carries the facts needed to
 * tell whether all of them belong together.
 */
export function checkpointRecords(
  owner: Owner,
  checkpoint: PackedCheckpoint,
  from = 0,
  to = checkpoint.chunks.length,
  { id, slot } = ordinaryName(checkpoint.checkpointId),
): NewRecord[] {
  return checkpoint.chunks.slice(from, to).map((value, n) => ({
    topic: 'checkpoints',
    partition: owner.partition,
    key: utf8.encode(`${keyPrefix(owner)}${slot}/${from + n}`),
    value,
    headers: {
      [APPLICATION_HEADER]: owner.application,
      'sluice.checkpointId': id,
      'sluice.version': String(CHECKPOINT_VERSION),
      'sluice.chunk': String(from + n),
      'sluice.chunks': String(checkpoint.chunks.length),
      'sluice.sha256': checkpoint.sha256,
    },
  }));
}

/**
 * The bytes of one checkpoint out of the records of its partition.
 * @throws checkpoint-damaged when a chunk is missing or the checksum differs; checkpoint-version when another release wrote it
 */
export function assembleCheckpoint(
  records: readonly LogRecord[],
  partition: number,
  checkpointId: number | string,
): Uint8Array {
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
  if (!READABLE_VERSIONS.includes(found))
    throw new SluiceError('checkpoint-version', { checkpointId, found, expected: CHECKPOINT_VERSION });
  const count = Number(facts['sluice.chunks']);
  const values = Array.from({ length: count }, (_, index) => chunks.get(index)?.value);
  const missing = values.findIndex((value) => !value);
  if (missing >= 0) throw damaged(`chunk ${missing} of ${count} is missing`);
  const packed = Buffer.concat(values as Uint8Array[]);
  if (createHash('sha256').update(packed).digest('hex') !== facts['sluice.sha256'])
    throw damaged('its checksum differs');
  return packed;
}

/** Which chunk of how many a record of the checkpoints topic is, from its headers. */
export function checkpointChunkOf(headers: Headers): { readonly index: number; readonly count: number } {
  return { index: Number(headers['sluice.chunk']), count: Number(headers['sluice.chunks']) };
}

const SLOTS = 3;
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
