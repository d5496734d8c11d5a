import type { History, ImpressionList, RefusedPart } from '../../events/words.js';
import type { LogRecord } from '../../ports/transport.js';
import { cleanMessage, pseudonymiseMessage, type Gate } from '../admit.js';
import type { AdmittedList, CleanItem } from '../admitted.js';
import { textsToEmbed } from '../embed/texts-of.js';
import type { Partition, VectorSource } from '../partition.js';
import { predictionOf } from '../score/score.js';
import type { Tables } from '../tables/tables.js';

/** What a list would be described as, were it read now. */
export type Described =
  | {
      readonly kind: 'described';
      /** Event time that the rows are as of: the list's own, or that of its turn where it would come late. */
      readonly turnMs: number;
      /** Everything that happened before this event time is counted in the rows. */
      readonly watermarkMs: number;
      /** Messages that were read and wait for their turn: not in the rows yet. */
      readonly waitingCount: number;
      readonly items: readonly DescribedItem[];
      /** items × columns, row-major; NaN = missing. */
      readonly rows: Float32Array;
      /** The champion's prediction of each item; undefined: there is no champion, or its answer is of no use. */
      readonly predictions: Float32Array | undefined;
      readonly snapshotVersion: string | undefined;
      /** The histories that its samples would carry; undefined: none. */
      readonly history: History | undefined;
      /** Items that the stream would refuse. */
      readonly refused: readonly RefusedPart[];
    }
  | { readonly kind: 'refused'; readonly refused: readonly RefusedPart[] };

export interface DescribedItem {
  readonly itemId: string;
  readonly position: number;
}

/** What describing a list needs beside the partition. */
export interface LookDeps {
  /** Cleans and pseudonymises as the partition's own does, and counts nothing. */
  readonly gate: Gate;
  /** A source of this list's own: that of the stream holds the vectors of the unit under way. */
  readonly vectors: VectorSource | undefined;
  /** Absent: there are none. */
  readonly tables?: Pick<Tables, 'readOn' | 'into'> | undefined;
  readonly nowMs: number;
}

/**
 * Describes a list from the state of its partition, of which it changes nothing. The state is read at once, between the
 * turns of two events: what a unit of work under way has counted so far is in it, committed or not. Items without an
 * impression id may share a position, as candidates that have none yet do.
 */
export async function describeList(
  partition: Partition,
  raw: Partial<ImpressionList>,
  { gate, vectors, tables, nowMs }: LookDeps,
): Promise<Described> {
  const record: LogRecord = { offset: 0, key: null, value: null, timestampMs: nowMs, headers: {} };
  const value = { requestId: 'none', eventTimeMs: nowMs, ...raw, items: apart(raw.items) } as ImpressionList;
  const admit = () =>
    pseudonymiseMessage(gate, cleanMessage(gate, { kind: 'decoded', input: 'impressions', record, value }));
  const admitted = gate.within ? gate.within(admit) : admit();
  const refused = admitted.kind === 'interaction' ? [] : admitted.deadLetters.flatMap((letter) => letter.refused);
  if (admitted.kind !== 'list' || admitted.list.items.length === 0) return { kind: 'refused', refused };
  const event: AdmittedList = { ...admitted, list: { ...admitted.list, items: once(admitted.list.items) } };
  await vectors?.load(textsToEmbed([{ event }]));
  await tables?.readOn(event.timeMs);
  const list = tables?.into(event.list) ?? event.list;
  const { reorder, state } = partition;
  const turnMs = reorder.watermark.wouldTurn('impressions', list.eventTimeMs);
  const rows = new Float32Array(list.items.length * state.features.width);
  state.features.look(list, turnMs, (text) => vectors?.get(text), rows);
  const history = state.features.histories?.asOf(list, turnMs).words;
  const asOf = { turnMs, watermarkMs: reorder.watermarkMs, waitingCount: reorder.waitingCount };
  const champion = partition.deps.champion.current();
  const prediction = champion && (await predictionOf(champion, { rows, rowCount: list.items.length }, () => undefined));
  return {
    kind: 'described',
    ...asOf,
    items: list.items.map(({ itemId, position }) => ({ itemId, position })),
    rows,
    predictions: prediction?.probability,
    snapshotVersion: prediction && champion.snapshotVersion,
    history,
    refused,
  };
}

/**
 * Gives items without an impression id one by item and position, so that different items at one position are no conflict.
 * What has no shape is left for cleaning to refuse.
 */
function apart(items: unknown): unknown {
  if (!Array.isArray(items)) return items;
  const places = new Map<string, number>();
  return items.map((item: unknown, at) => {
    if (typeof item !== 'object' || item === null) return item;
    const { impressionId, itemId, position } = item as Readonly<Record<string, unknown>>;
    if (impressionId !== undefined && impressionId !== null && impressionId !== '') return item;
    const place = JSON.stringify([itemId, position]);
    if (!places.has(place)) places.set(place, at);
    return { ...item, impressionId: `${PLACE}${places.get(place)}` };
  });
}

/** No id of a producer begins like this. */
const PLACE = '\u0000';

/** Leaves out what the stream would take for a repetition: the same impression again. */
function once(items: readonly CleanItem[]): readonly CleanItem[] {
  const seen = new Set<string | null>();
  return items.filter(({ impressionId }) => !seen.has(impressionId) && seen.add(impressionId));
}
