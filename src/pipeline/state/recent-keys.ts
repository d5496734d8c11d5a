import { float64Of, type CapturedColumns } from './captured.js';
import type { Key } from './keys.js';
import { TableCapture } from './table-capture.js';

/**
 * Remembers keys for at least a window of event time, in two generations: a key is forgotten between one and two windows
 * after it was added. Bounded: a full generation ends early, so the window shortens instead of the memory growing.
 * Depends on the sequence of calls alone.
 */
export class RecentKeys {
  private young: KeySet;
  private old: KeySet;
  private youngSinceMs = -Infinity;

  constructor(
    private windowMs: number,
    private maxEntries: number,
  ) {
    this.young = new KeySet();
    this.old = new KeySet();
  }

  /** From here on keys are remembered for another window and bound. */
  bound(windowMs: number, maxEntries: number): void {
    this.windowMs = windowMs;
    this.maxEntries = maxEntries;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  /** True for a key that is remembered now. */
  has(key: Key): boolean {
    return this.old.has(key) || this.young.has(key);
  }

  /** Adds a key seen at an event time; false when it was there already. */
  add(key: Key, timeMs: number): boolean {
    if (timeMs - this.youngSinceMs >= this.windowMs || this.young.size * 2 >= this.maxEntries) this.turn(timeMs);
    if (this.old.has(key)) return false;
    return this.young.add(key);
  }

  /** Both generations as they are now, at once; zeros stand for nothing. */
  capture(): { young: Float64Array; old: Float64Array; since: Float64Array } {
    return { young: this.young.table.slice(), old: this.old.table, since: Float64Array.of(this.youngSinceMs) };
  }

  /** Begins a capture: the old generation never changes and is shared, the young one is copied on by the caller. */
  beginCapture(): { readonly columns: CapturedColumns; readonly copying: TableCapture } {
    const copying = this.young.beginCapture();
    const { keys: young = [] } = copying.columns;
    return { columns: { young, old: this.old.table, since: Float64Array.of(this.youngSinceMs) }, copying };
  }

  restore(captured: CapturedColumns): void {
    this.young = KeySet.of(float64Of(captured, 'young'));
    this.old = KeySet.of(float64Of(captured, 'old'));
    this.youngSinceMs = float64Of(captured, 'since')[0] ?? -Infinity;
  }

  private turn(timeMs: number): void {
    this.old = this.young;
    this.young = new KeySet();
    this.youngSinceMs = Math.max(timeMs, this.youngSinceMs);
  }
}

/** An open-addressing set of keys; 0 is an empty place. */
class KeySet {
  table: Float64Array;
  size = 0;
  private capturing: TableCapture | undefined;

  constructor(capacity = LEAST_CAPACITY) {
    this.table = new Float64Array(capacity);
  }

  /** The set of the keys that are not 0, of the capacity it would have grown to. */
  static of(keys: Float64Array): KeySet {
    let count = 0;
    for (const key of keys) if (key !== 0) count++;
    let capacity = LEAST_CAPACITY;
    while ((count - 1) * 2 >= capacity) capacity *= 2;
    const set = new KeySet(capacity);
    for (const key of keys) if (key !== 0) set.add(key);
    return set;
  }

  has(key: Key): boolean {
    return this.table[this.position(key)] === key;
  }

  add(key: Key): boolean {
    if (this.has(key)) return false;
    if (this.size * 2 >= this.table.length) this.grow();
    const at = this.position(key);
    this.capturing?.keep(at);
    this.table[at] = key;
    this.size++;
    return true;
  }

  beginCapture(): TableCapture {
    this.capturing = new TableCapture({ keys: this.table }, this.table.length);
    return this.capturing;
  }

  private position(key: Key): number {
    const mask = this.table.length - 1;
    const folded = Math.imul((key >>> 0) ^ ((key / 4_294_967_296) >>> 0), 0x9e3779b1);
    let at = (folded ^ (folded >>> 15)) & mask;
    while (this.table[at] !== 0 && this.table[at] !== key) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const smaller = this.table;
    this.capturing?.copyOn(Infinity);
    this.capturing = undefined;
    this.table = new Float64Array(smaller.length * 2);
    for (const key of smaller) if (key !== 0) this.table[this.position(key)] = key;
  }
}

const LEAST_CAPACITY = 1024;
