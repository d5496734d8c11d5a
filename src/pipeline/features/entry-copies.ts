import type { KeyTable } from '../state/key-table.js';
import type { Key } from '../state/keys.js';
import type { StateColumn } from './state-column.js';

/**
 * Copies of the entries of a table that a list stands under, so that they can be brought to the moment of the list while the
 * table stays as it is. The columns read from here until somebody binds them to their table again.
 */
export class EntryCopies {
  private count = 0;
  private room = FIRST_ROOM;
  private isDropped: (key: Key) => boolean = () => false;

  constructor(
    private readonly table: KeyTable<string>,
    private readonly columns: readonly StateColumn[],
  ) {
    for (const column of columns) column.values = new Float64Array(FIRST_ROOM);
  }

  /** Passes over what the table would drop to make room for `more` new keys. */
  reserve(more: number): void {
    this.isDropped = this.table.droppedBy(more);
  }

  /** The copy of the entry of a key; zeros where it has none. */
  take(key: Key): number {
    return this.copy(this.isDropped(key) ? -1 : this.table.find(key));
  }

  /** The copy of the entry of a key, or −1 where it has none. */
  find(key: Key): number {
    const entry = this.table.find(key);
    return entry < 0 ? entry : this.copy(entry);
  }

  private copy(entry: number): number {
    if (this.count === this.room) this.grow();
    const at = this.count++;
    if (entry >= 0) for (const { name, values } of this.columns) values[at] = this.table.column(name)[entry]!;
    return at;
  }

  private grow(): void {
    this.room *= 2;
    for (const column of this.columns) {
      const larger = new Float64Array(this.room);
      larger.set(column.values);
      column.values = larger;
    }
  }
}

const FIRST_ROOM = 32;
