import type { Config } from '../../config/schema.js';
import type { Gate } from '../../pipeline/admit.js';
import { placingOf } from '../../pipeline/repartition/placing.js';
import {
  INPUTS,
  type InputName,
  type InputOffsets,
  type LogRecord,
  type NewRecord,
  type PartitionLease,
  type Transport,
} from '../../ports/transport.js';
import type { Clock } from '../../ports/clock.js';
import { InputSource, type Placed } from './input-source.js';
import { type Destination, movedRecord, TOPIC_OF } from './moved-record.js';

/** Messages and bytes of one transaction. */
const MOST_MESSAGES = 10_000;
const MOST_BYTES = 4_194_304;
/** Bytes read at a time of one partition of one input. */
const POLL_BYTES = 524_288;
const ASK_AGAIN_MS = 20;

/** Offsets of both inputs by partition: everything before them is moved. */
export type Positions = ReadonlyMap<number, InputOffsets>;

export interface MoveNeeds {
  readonly config: Config;
  readonly transport: Transport;
  readonly gate: Gate;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Where this lease stood after its last transaction; undefined: it has made none. The group tells it a little later. */
  readonly from: Positions | undefined;
  /** Told of every transaction: messages moved, and where that leads to. */
  readonly moved: (counts: Readonly<Record<InputName, number>>, to: Positions) => void;
}

/**
 * Moves the messages of all partitions of both inputs to the partitions of their sessions, until the lease is taken away:
 * messages and offsets in one transaction, so each exactly once. One owner at a time does it, the one of partition 0, whose
 * transactions fence the one before. All partitions are read in step, in the order of {@link Frontier}, and what has
 * nothing at hand is waited for until its end has been seen: a partition that is read later makes nothing late.
 */
export async function moveBySession(lease: PartitionLease, needs: MoveNeeds): Promise<void> {
  const { config, transport, gate, clock } = needs;
  const { lingerMs } = config.batch;
  const destination: Readonly<Record<InputName, Destination>> = {
    impressions: await destinationOf(transport, 'impressions'),
    interactions: await destinationOf(transport, 'interactions'),
  };
  const from = needs.from ?? (await committedOf(transport, lease, clock));
  const { tails, close } = await transport.tails();
  try {
    const credibleMs = Math.max(config.join.allowedLatenessMs, config.clean.maxFutureMs);
    const sources: InputSource[] = [];
    for (const tail of tails) {
      const offsets = from.get(tail.partition) ?? FROM_THE_START;
      await tail.seek(offsets);
      for (const input of INPUTS)
        sources.push(new InputSource(input, tail, offsets[input], credibleMs, (...of) => placed(gate, ...of)));
    }
    let last = positionsOf(sources);
    while (!lease.signal.aborted) {
      await fillAll(sources, lingerMs, lease.signal);
      if (lease.signal.aborted) return;
      const { records, counts } = takeInOrder(sources, destination);
      const now = positionsOf(sources);
      const changed = [...now].filter(([partition, offsets]) => !isSame(offsets, last.get(partition)));
      if (changed.length === 0) continue;
      const offsets = now.get(lease.partition)!;
      await lease.commit({
        records,
        offsets,
        progress: PROGRESS,
        neededFrom: offsets,
        others: new Map(changed.filter(([partition]) => partition !== lease.partition)),
      });
      last = now;
      needs.moved(counts, now);
    }
  } finally {
    await close();
  }
}

/** Puts the step at some offsets of every partition, moving nothing. */
export async function moveTo(
  lease: PartitionLease,
  ends: Readonly<Record<InputName, readonly number[]>>,
): Promise<void> {
  const at = (partition: number): InputOffsets => ({
    impressions: ends.impressions[partition] ?? 0,
    interactions: ends.interactions[partition] ?? 0,
  });
  const count = Math.max(ends.impressions.length, ends.interactions.length);
  const others = Array.from({ length: count }, (_, partition) => partition).filter((each) => each !== lease.partition);
  const offsets = at(lease.partition);
  await lease.commit({
    records: [],
    offsets,
    progress: PROGRESS,
    neededFrom: offsets,
    others: new Map(others.map((partition) => [partition, at(partition)])),
  });
}

/** Says whose commit it is; the step remembers nothing but offsets. */
const PROGRESS = JSON.stringify({ step: 'repartition' });
const FROM_THE_START: InputOffsets = { impressions: 0, interactions: 0 };

async function destinationOf(transport: Transport, input: InputName): Promise<Destination> {
  const topic = TOPIC_OF[input];
  return { partitionCount: await transport.partitionCount(topic), limit: await transport.recordLimit(topic) };
}

/** The committed offsets of all partitions as of the last transaction. */
async function committedOf(
  transport: Pick<Transport, 'committedAll'>,
  lease: PartitionLease,
  clock: Pick<Clock, 'sleep'>,
): Promise<Positions> {
  const own = await lease.committed();
  for (;;) {
    const all = await transport.committedAll();
    const isNow = isSame(own.offsets, all.get(lease.partition)?.offsets);
    if (isNow || !(await clock.sleep(ASK_AGAIN_MS, lease.signal)))
      return new Map([...all].map(([partition, { offsets }]) => [partition, offsets]));
  }
}

async function placed(gate: Gate, input: InputName, records: readonly LogRecord[]): Promise<readonly Placed[]> {
  await gate[input].prepare(records.map(({ value, unreadable }) => (unreadable ? null : value)));
  return records.flatMap((record) => {
    const placing = placingOf(gate, input, record);
    return placing === undefined ? [] : [{ record, ...placing }];
  });
}

/**
 * Fills what is empty, until each source has messages ready or has been seen to end after those of the others had come.
 * Waits for a first message for `lingerMs` at the most.
 */
async function fillAll(sources: readonly InputSource[], lingerMs: number, signal: AbortSignal): Promise<void> {
  let waitMs = sources.every(({ isEmpty }) => isEmpty) ? lingerMs : 0;
  while (!signal.aborted) {
    const empty = sources.filter(({ isEmpty }) => isEmpty);
    const brought = await Promise.all(empty.map((source) => source.fill(POLL_BYTES, waitMs)));
    const isHeld = sources.some(({ isEmpty, isAtEnd }) => isEmpty && !isAtEnd);
    if (!isHeld && !brought.includes(true)) return;
    waitMs = isHeld ? lingerMs : 0;
  }
}

/** Takes messages in the order of where they stand, until the transaction is full or a source must be read on first. */
function takeInOrder(
  sources: readonly InputSource[],
  destination: Readonly<Record<InputName, Destination>>,
): { readonly records: readonly NewRecord[]; readonly counts: Readonly<Record<InputName, number>> } {
  const records: NewRecord[] = [];
  const counts = { impressions: 0, interactions: 0 };
  let bytes = 0;
  while (records.length < MOST_MESSAGES && bytes < MOST_BYTES) {
    const first = firstOf(sources);
    if (first === undefined) break;
    const { record, session } = first.take();
    records.push(movedRecord(first, record, session, destination[first.input]));
    counts[first.input]++;
    bytes += record.value?.length ?? 0;
    if (first.isEmpty && !first.isAtEnd) break;
  }
  return { records, counts };
}

function firstOf(sources: readonly InputSource[]): InputSource | undefined {
  let first: InputSource | undefined;
  for (const source of sources)
    if (!source.isEmpty && (first === undefined || source.standsAtMs < first.standsAtMs)) first = source;
  return first;
}

function positionsOf(sources: readonly InputSource[]): Positions {
  const positions = new Map<number, Record<InputName, number>>();
  for (const { partition, input, offset } of sources)
    positions.set(partition, { ...(positions.get(partition) ?? FROM_THE_START), [input]: offset });
  return positions;
}

function isSame(left: InputOffsets, right: InputOffsets | undefined): boolean {
  return right !== undefined && INPUTS.every((input) => left[input] === right[input]);
}
