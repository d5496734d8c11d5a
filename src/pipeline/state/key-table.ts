import { float64Of, type CapturedColumns } from './captured.js';
import type { Key } from './keys.js';
import { TableCapture } from './table-capture.js';

/**
 * A bounded hash table from {@link Key} to a row of Float64 columns, all in typed arrays: no allocation an entry, captured
 * for a checkpoint without a pause. Entries live densely in insertion order; `slots` maps hash positions to them.
 *
 * Bounded: at `maxEntries` the quarter touched longest ago is dropped, which depends on the sequence of calls alone.
 * Column arrays change identity when the table grows: take them after {@link reserve}, not before. An entry number may be
 * used to change the entry until the next capture begins: a capture under way keeps what {@link find} and
 * {@link findOrAdd} hand out.
 */
export class KeyTable<Column extends string> {
  private slots: Int32Array;
  private mask: number;
  private keys: Float64Array;
  private readonly arrays: Record<Column, Float64Array>;
  private count = 0;
  /** The capture under way, or the last one. */
  private capturing: TableCapture | undefined;

  /** @param touched the column with the event time (ms) of the last touch; eviction goes by it */
  constructor(
    readonly columns: readonly Column[],
    readonly touched: Column,
    readonly maxEntries: number,
  ) {
    this.mask = 2 * INITIAL_ENTRIES - 1;
    this.slots = new Int32Array(2 * INITIAL_ENTRIES).fill(EMPTY);
    this.keys = new Float64Array(INITIAL_ENTRIES);
    this.arrays = Object.fromEntries(columns.map((name) => [name, new Float64Array(INITIAL_ENTRIES)])) as Record<Column, Float64Array>;
  }

  get size(): number {
    return this.count;
  }

  /** The array of a column, indexed by entry; valid until the next {@link reserve}. */
  column(name: Column): Float64Array {
    return this.arrays[name];
  }

  /** Makes room for `more` entries, evicting or growing now so that entry numbers and arrays stay put afterwards. */
  reserve(more: number): void {
    if (this.count + more > this.maxEntries && this.count > 0) this.evict(more);
    if (this.count + more > this.keys.length) this.grow(this.count + more);
  }

  /** Entry of a key, or −1. */
  find(key: Key): number {
    let at = slotOf(key) & this.mask;
    for (;;) {
      const entry = this.slots[at]!;
      if (entry === EMPTY) return entry;
      if (this.keys[entry] === key) {
        this.capturing?.keep(entry);
        return entry;
      }
      at = (at + 1) & this.mask;
    }
  }

  /** Entry of a key, added with zeros when new. Room must have been reserved. */
  findOrAdd(key: Key): number {
    let at = slotOf(key) & this.mask;
    for (;;) {
      const entry = this.slots[at]!;
      if (entry === EMPTY) break;
      if (this.keys[entry] === key) {
        this.capturing?.keep(entry);
        return entry;
      }
      at = (at + 1) & this.mask;
    }
    const entry = this.count++;
    this.keys[entry] = key;
    this.slots[at] = entry;
    return entry;
  }

  /** Begins a capture of the table as it is now; the caller copies it on until it is done. One at a time. */
  beginCapture(): TableCapture {
    this.capturing = new TableCapture({ keys: this.keys, ...this.arrays }, this.count);
    return this.capturing;
  }

  /** Copies of the live part of every array, at once. */
  capture(): Readonly<Record<string, Float64Array>> {
    const captured: Record<string, Float64Array> = { keys: this.keys.slice(0, this.count) };
    for (const name of this.columns) captured[name] = this.arrays[name].slice(0, this.count);
    return captured;
  }

  /** Takes over what {@link capture} gave. Missing columns read as zeros. */
  restore(captured: CapturedColumns): void {
    const keys = float64Of(captured, 'keys');
    this.finishCapture();
    this.count = 0;
    this.grow(Math.max(INITIAL_ENTRIES, keys.length));
    this.count = keys.length;
    this.keys.set(keys);
    for (const name of this.columns) {
      this.arrays[name].fill(0);
      this.arrays[name].set(float64Of(captured, name));
    }
    this.rebuildSlots();
  }

  private finishCapture(): void {
    this.capturing?.copyOn(Infinity);
    this.capturing = undefined;
  }

  private grow(needed: number): void {
    let capacity = this.keys.length;
    while (capacity < needed) capacity *= 2;
    this.keys = enlarged(this.keys, capacity);
    for (const name of this.columns) this.arrays[name] = enlarged(this.arrays[name], capacity);
    this.capturing?.moved({ keys: this.keys, ...this.arrays });
    this.slots = new Int32Array(2 * capacity);
    this.mask = 2 * capacity - 1;
    this.rebuildSlots();
  }

  private rebuildSlots(): void {
    this.slots.fill(EMPTY);
    for (let entry = 0; entry < this.count; entry++) {
      let at = slotOf(this.keys[entry]!) & this.mask;
      while (this.slots[at] !== EMPTY) at = (at + 1) & this.mask;
      this.slots[at] = entry;
    }
  }

  private evict(more: number): void {
    const keep = Math.max(0, Math.min(Math.floor(this.maxEntries * 0.75), this.maxEntries - more));
    const touchedMs = this.arrays[this.touched].subarray(0, this.count);
    if (keep >= this.count) return;
    const sorted = touchedMs.slice().sort();
    const threshold = sorted[this.count - keep] ?? Infinity;
    // Of the entries touched at the threshold itself, only as many stay as the newer ones leave room for.
    let ties = 0;
    for (let at = this.count - keep; at < this.count && sorted[at] === threshold; at++) ties++;
    this.finishCapture();
    let kept = 0;
    for (let entry = 0; entry < this.count; entry++) {
      if (touchedMs[entry]! < threshold || (touchedMs[entry] === threshold && ties-- <= 0)) continue;
      this.keys[kept] = this.keys[entry]!;
      for (const name of this.columns) this.arrays[name][kept] = this.arrays[name][entry]!;
      kept++;
    }
    for (const name of this.columns) this.arrays[name].fill(0, kept, this.count);
    this.count = kept;
    this.rebuildSlots();
  }
}

const INITIAL_ENTRIES = 1024;
const EMPTY = -1;

function slotOf(key: Key): number {
  const folded = Math.imul((key >>> 0) ^ ((key / 4_294_967_296) >>> 0), 0x9e3779b1);
  return folded ^ (folded >>> 15);
}

function enlarged(array: Float64Array, length: number): Float64Array {
  if (array.length >= length) return array;
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}
