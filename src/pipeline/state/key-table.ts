import { float64Of, type CapturedColumns } from './captured.js';
import type { Key } from './keys.js';
import { leastOf } from './least.js';
import { TableCapture } from './table-capture.js';

/**
 * A bounded hash table from {@link Key} to a row of Float64 columns, all in typed arrays: no allocation an entry, captured
 * for a checkpoint without a pause. Entries live densely; `slots` maps hash positions to them.
 *
 * Bounded: at `maxEntries` every new entry takes the place of one touched longest ago. Which ones are next is found out for
 * a sixty-fourth of the table at a time, so that nothing pauses for long; it depends on the sequence of calls alone.
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
  /** Keys of the entries to be dropped next, unless they are touched before; those before `leftCount` have gone. */
  private leaving: Float64Array = NONE;
  private leftCount = 0;
  /** An entry of `leaving` touched after this stays. */
  private leavingMs = 0;
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
    this.arrays = Object.fromEntries(columns.map((name) => [name, new Float64Array(INITIAL_ENTRIES)])) as Record<
      Column,
      Float64Array
    >;
  }

  get size(): number {
    return this.count;
  }

  /** The array of a column, indexed by entry; valid until the next {@link reserve}. */
  column(name: Column): Float64Array {
    return this.arrays[name];
  }

  /**
   * Makes room for `more` entries, evicting or growing now so that entry numbers and arrays stay put afterwards.
   * @returns true when the arrays have moved
   */
  reserve(more: number): boolean {
    if (this.count + more > this.maxEntries && this.count > 0) this.evict(more);
    if (this.count + more <= this.keys.length) return false;
    this.grow(this.count + more);
    return true;
  }

  /** Says which keys {@link reserve} would drop now, and drops none. */
  droppedBy(more: number): (key: Key) => boolean {
    const excess = this.count - Math.max(0, this.maxEntries - more);
    if (excess <= 0) return () => false;
    const dropped = new Set<Key>();
    for (let at = this.leftCount; at < this.leaving.length && dropped.size < excess; at++)
      if (this.isLeaving(this.find(this.leaving[at]!))) dropped.add(this.leaving[at]!);
    if (dropped.size === excess) return (key) => dropped.has(key);
    // Which ones are chosen next goes by where each stands after that: a copy finds out.
    const copy = new KeyTable([this.touched], this.touched, this.maxEntries);
    const touched = this.arrays[this.touched].slice(0, this.count);
    copy.restore({ keys: this.keys.slice(0, this.count), leaving: this.capturedLeaving(), [this.touched]: touched });
    copy.reserve(more);
    return (key) => copy.find(key) < 0;
  }

  /** The key of an entry. */
  keyAt(entry: number): Key {
    return this.keys[entry]!;
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
    this.capturing = new TableCapture({ keys: this.keys, ...this.arrays }, this.count, {
      leaving: this.capturedLeaving(),
    });
    return this.capturing;
  }

  /** Copies of the live part of every array, at once. */
  capture(): Readonly<Record<string, Float64Array>> {
    const captured: Record<string, Float64Array> = {
      keys: this.keys.slice(0, this.count),
      leaving: this.capturedLeaving(),
    };
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
    const leaving = float64Of(captured, 'leaving');
    this.leavingMs = leaving[0] ?? 0;
    this.leaving = leaving.slice(1);
    this.leftCount = 0;
  }

  /** Time and keys, since what is dropped next must not depend on when a checkpoint was taken. */
  private capturedLeaving(): Float64Array {
    const left = this.leaving.subarray(this.leftCount);
    if (left.length === 0) return NONE;
    const captured = new Float64Array(1 + left.length);
    captured[0] = this.leavingMs;
    captured.set(left, 1);
    return captured;
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
    const room = Math.max(0, this.maxEntries - more);
    while (this.count > room) {
      if (this.leftCount === this.leaving.length)
        this.chooseLeaving(Math.max(this.count - room, Math.ceil(this.maxEntries / CHOICES)));
      const slot = this.slotOfKey(this.leaving[this.leftCount++]!);
      const entry = this.slots[slot]!;
      if (this.isLeaving(entry)) this.remove(slot, entry);
    }
  }

  private isLeaving(entry: number): boolean {
    return entry !== EMPTY && this.arrays[this.touched][entry]! <= this.leavingMs;
  }

  /** The `wanted` entries touched longest ago; of those touched at one time, the ones that stand first. */
  private chooseLeaving(wanted: number): void {
    const touchedMs = this.arrays[this.touched].subarray(0, this.count);
    const chosen = Math.min(wanted, this.count);
    const { value: leavingMs, lessCount } = leastOf(touchedMs, chosen);
    this.leavingMs = leavingMs;
    this.leaving = new Float64Array(chosen);
    this.leftCount = 0;
    for (let entry = 0, at = 0, ties = chosen - lessCount; at < chosen; entry++) {
      if (touchedMs[entry]! > leavingMs || (touchedMs[entry] === leavingMs && ties-- <= 0)) continue;
      this.leaving[at++] = this.keys[entry]!;
    }
  }

  /** Drops an entry; the last one takes its place. */
  private remove(slot: number, entry: number): void {
    const last = this.count - 1;
    this.capturing?.keep(entry);
    this.capturing?.keep(last);
    this.vacate(slot);
    if (entry !== last) {
      const key = this.keys[last]!;
      this.slots[this.slotOfKey(key)] = entry;
      this.keys[entry] = key;
    }
    for (const name of this.columns) {
      const column = this.arrays[name];
      column[entry] = column[last]!;
      column[last] = 0;
    }
    this.count = last;
  }

  /** Empties a slot and moves up what stands behind it, so that every key is still found from its own slot on. */
  private vacate(slot: number): void {
    const { slots, keys, mask } = this;
    let hole = slot;
    for (let at = (hole + 1) & mask; slots[at] !== EMPTY; at = (at + 1) & mask) {
      const own = slotOf(keys[slots[at]!]!) & mask;
      if (((at - own) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at]!;
      hole = at;
    }
    slots[hole] = EMPTY;
  }

  /** The slot of a key, or the empty one where it would be. */
  private slotOfKey(key: Key): number {
    let at = slotOf(key) & this.mask;
    while (this.slots[at] !== EMPTY && this.keys[this.slots[at]!] !== key) at = (at + 1) & this.mask;
    return at;
  }
}

/** Entries to be dropped are chosen for one part in so many of the bound at a time. */
const CHOICES = 64;
const NONE = new Float64Array(0);
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
