import type { Key } from './keys.js';

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
    private readonly windowMs: number,
    private readonly maxEntries: number,
  ) {
    this.young = new KeySet();
    this.old = new KeySet();
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  /** Adds a key seen at an event time; false when it was there already. */
  add(key: Key, timeMs: number): boolean {
    if (timeMs - this.youngSinceMs >= this.windowMs || this.young.size * 2 >= this.maxEntries) this.turn(timeMs);
    if (this.old.has(key)) return false;
    return this.young.add(key);
  }

  capture(): Record<string, Float64Array> {
    return { young: this.young.capture(), old: this.old.capture(), since: Float64Array.of(this.youngSinceMs) };
  }

  restore(captured: Readonly<Record<string, Float64Array>>): void {
    this.young = KeySet.of(captured['young'] ?? new Float64Array(0));
    this.old = KeySet.of(captured['old'] ?? new Float64Array(0));
    this.youngSinceMs = captured['since']?.[0] ?? -Infinity;
  }

  private turn(timeMs: number): void {
    this.old = this.young;
    this.young = new KeySet();
    this.youngSinceMs = Math.max(timeMs, this.youngSinceMs);
  }
}

/** An open-addressing set of keys. */
class KeySet {
  private table = new Float64Array(1024);
  size = 0;

  static of(keys: Float64Array): KeySet {
    const set = new KeySet();
    for (const key of keys) set.add(key);
    return set;
  }

  has(key: Key): boolean {
    return this.table[this.position(key)] === key;
  }

  add(key: Key): boolean {
    if (this.size * 2 >= this.table.length) this.grow();
    const at = this.position(key);
    if (this.table[at] === key) return false;
    this.table[at] = key;
    this.size++;
    return true;
  }

  capture(): Float64Array {
    return this.table.filter((key) => key !== 0);
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
    this.table = new Float64Array(smaller.length * 2);
    for (const key of smaller) if (key !== 0) this.table[this.position(key)] = key;
  }
}
