import type { Config } from '../../config/schema.js';
import type { Carried, CarriedValue } from '../../events/words.js';
import type { InputOffsets } from '../../ports/transport.js';
import { shapeOf } from '../features/features.js';
import type { Join } from '../join/join.js';
import type { Reorder } from '../order/reorder.js';
import type { KeyOf } from '../state/keys.js';
import type { StreamState } from '../stream-state.js';
import { captureState, type CapturedState } from './capture.js';

/**
 * A whole checkpoint has the feature rows of what is not emitted yet, too, so that it may be restored from at once and next to
 * nothing is read again. It stands beside the ordinary ones, in slots of its own: where it does not fit (other features,
 * damage), a restore goes the long way, as if it were not there.
 */
export interface WholeCheckpoint {
  readonly wholeId: number;
  /** Ordinary checkpoints of a higher id are newer. */
  readonly afterId: number;
  /** Names the settings that its rows were made under. */
  readonly shape: string;
  /** Where a re-read from the ordinary checkpoint begins; undefined without one. */
  readonly ordinaryOffsets: InputOffsets | undefined;
}

/** What open impressions carry besides facts, by the sequence number of their list. */
export type CapturedExtras = readonly (readonly [sequence: number, carried: readonly (Carried | undefined)[]])[];

/** Names what rows and carried fields are made under; undefined where there are no whole checkpoints: text vectors are too large. */
export function wholeShapeOf(
  config: Pick<Config, 'features' | 'label' | 'encoder' | 'output'>,
  keyOf: KeyOf,
): string | undefined {
  if (config.output.embeddings) return undefined;
  return keyOf(JSON.stringify([shapeOf(config, keyOf), config.output.carry]))
    .toString(36)
    .slice(-6);
}

/** Captures a state whole. */
export function captureWhole(state: StreamState, reorder: Reorder): CapturedState {
  const { open, emittedBefore } = state.join;
  const count = open.end - emittedBefore;
  const values = new Float32Array(count * open.columnCount);
  open.rows.gather(emittedBefore, count, values);
  const captured = captureState(state, reorder);
  return {
    ...captured,
    sections: [...captured.sections, { name: ROWS, values }],
    extras: extrasOf(state.join, captured.join.lists),
  };
}

/** Bytes that only a whole checkpoint holds, before they are packed: rows, and about what stands beside them. */
export function wholeBytes({ join: { open, emittedBefore } }: StreamState): number {
  return (open.end - emittedBefore) * (open.columnCount * Float32Array.BYTES_PER_ELEMENT + BYTES_AN_IMPRESSION);
}

/** Puts the rows and the carried fields of a whole checkpoint into a state that the rest of it is in. */
export function restoreRows({ sections, extras = [] }: CapturedState, { join }: StreamState): void {
  const rows = sections.find(({ name }) => name === ROWS)?.values;
  const { open, emittedBefore } = join;
  const count = open.end - emittedBefore;
  if (!(rows instanceof Float32Array) || rows.length !== count * open.columnCount)
    throw new RangeError('its feature rows are not those of its impressions');
  open.rows.put(emittedBefore, count, rows);
  for (const [sequence, carried] of extras)
    join.keepExtras({ carried: carried.map((fields) => fields && revived(fields)) }, sequence);
}

function extrasOf(join: Join, lists: CapturedState['join']['lists']): CapturedExtras {
  return lists.flatMap(({ sequence }) => {
    const carried = join.extrasOf(sequence)?.carried;
    return carried ? [[sequence, carried.map((fields) => fields && flattened(fields))] as const] : [];
  });
}

/** A carried field is never an object, so one stands for a list of numbers. */
const flattened = (fields: Carried): Carried =>
  mapped(fields, (value) => (ArrayBuffer.isView(value) ? { f32: base64(value) } : value));

const revived = (fields: Carried): Carried =>
  mapped(fields, (value) => (isPacked(value) ? floats(value.f32) : (value as CarriedValue)));

function mapped(fields: Carried, map: (value: unknown) => unknown): Carried {
  return Object.fromEntries(Object.entries(fields).map(([path, value]) => [path, map(value)])) as Carried;
}

const isPacked = (value: unknown): value is { readonly f32: string } =>
  typeof value === 'object' && value !== null && 'f32' in value;

const base64 = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

function floats(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const ROWS = 'rows';
/** Columns of an open impression, and its part of the shown list. */
const BYTES_AN_IMPRESSION = 100;
