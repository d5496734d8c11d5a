import type { InteractionType } from '../../events/index.js';
import type { CleanList } from '../admitted.js';
import type { CapturedColumns } from '../state/captured.js';
import { KeyTable } from '../state/key-table.js';
import type { Key } from '../state/keys.js';
import { addEach, setEach, setFirst } from './each-entry.js';
import { EntryCopies } from './entry-copies.js';
import type { CapturedPart, Family, FeatureSettings } from './family.js';
import type { KeyKind } from './key-kinds.js';
import type { ListKeys } from './list-keys.js';
import { byMoment, type Decay } from './by-moment.js';
import type { Moment } from './moments.js';
import { isTold, type Remembered, Sharing } from './shared/sharing.js';
import type { KeyCounts } from './shared/tally.js';
import { MovingAverage } from './moving-average.js';
import { StateColumn } from './state-column.js';
import { type Observed, OwnAverage } from './own-average.js';
import { SlidingWindow } from './windows.js';

/** The entry of a key that is none, or that nobody has counted. */
export const NO_KEY = -1;
const UNKNOWN = -2;

/**
 * What is remembered under one kind of key: an entry a key, and of all that could be counted what columns have asked for.
 * Decayed counts n(t) = n(t₀)·2^(−(t−t₀)/h) are brought to the time of each touch. When entries are touched does not depend
 * on what is counted, so that a column is the same to the bit whichever others there are. An event older than the last one
 * of its key counts in full at the key's time.
 */
export class KeyedTable implements Family, Remembered {
  /** Entry of each item of the list located last, or of the list at 0; {@link NO_KEY}, {@link UNKNOWN}. */
  entries = new Int32Array(64);
  /** Entry of the interaction or click under way. */
  eventEntry = NO_KEY;
  /** What is told to other partitions; undefined: nothing is. */
  sharing: Sharing | undefined;
  private readonly touched = new StateColumn('touchedMs');
  private readonly columns = new Map([[this.touched.name, this.touched]]);
  readonly decays: Decay[] = [];
  readonly counts = byMoment();
  readonly firsts = byMoment();
  readonly lasts = byMoment();
  private readonly averages = new Map<string, MovingAverage>();
  private readonly means = new Map<string, OwnAverage>();
  readonly windows = byMoment<{ readonly name: string; readonly window: SlidingWindow }>();
  private table!: KeyTable<string>;
  /** What entries are while somebody only looks. */
  private copies: EntryCopies | undefined;

  /** @param gate where a person has no count here, nothing is looked up for them */
  constructor(
    readonly name: string,
    readonly kind: KeyKind,
    private readonly keys: ListKeys,
    private readonly event: ListKeys,
    private readonly settings: FeatureSettings,
    private readonly gate?: { readonly table: KeyedTable; readonly count: StateColumn },
  ) {}

  get parts(): Readonly<Record<string, CapturedPart>> {
    const { name, sharing } = this;
    return { [name]: this.part(), ...(sharing ? { [`${name} tally`]: sharing.tally } : {}) };
  }

  /** Asks for a count, decayed at a half-life or not at all. */
  count(moment: Moment, halfLifeMs?: number): StateColumn {
    const name = `${this.nameOf(moment)}${halfLifeMs === undefined ? '' : `~${halfLifeMs}`}`;
    const known = this.columns.get(name);
    if (known) return known;
    const column = this.plain(name);
    this.counts[moment].push(column);
    if (halfLifeMs !== undefined) this.decayOf(halfLifeMs).columns.push(column);
    return column;
  }

  /** Asks for the time, ms, at which one of these first happened; 0: never. */
  firstMs(moments: readonly Moment[]): StateColumn {
    return this.timeOf(`first ${moments.map((moment) => this.nameOf(moment)).join(' ')}`, this.firsts, moments);
  }

  /** The same of the last time. */
  lastMs(moment: Moment): StateColumn {
    return this.timeOf(`last ${this.nameOf(moment)}`, this.lasts, [moment]);
  }

  average(what: 'position' | 'price'): StateColumn {
    const known = this.averages.get(what);
    if (known) return known.column;
    const column = this.plain(`average ${what}`);
    this.averages.set(what, new MovingAverage(column, what));
    return column;
  }

  /** Asks for a moving average of what a team declares, over the showings. */
  mean(what: Observed): OwnAverage {
    let mean = this.means.get(what.name);
    if (!mean) {
      const name = `mean ${what.name}`;
      mean = new OwnAverage(this.plain(name), this.plain(`${name} seen`), what);
      this.means.set(what.name, mean);
    }
    return mean;
  }

  /** Asks for the count in a sliding window. @param ofMs its length; null: one short half-life */
  window(moment: Moment, ofMs: number | null = null): SlidingWindow {
    const windowMs = ofMs ?? this.settings.features.shortHalfLifeMs;
    const name = `window ${this.nameOf(moment)}~${windowMs}`;
    const known = this.windows[moment].find((one) => one.name === name);
    if (known) return known.window;
    const window = new SlidingWindow(
      this.plain(`${name} start`),
      this.plain(name),
      this.plain(`${name} previous`),
      windowMs,
    );
    this.windows[moment].push({ name, window });
    return window;
  }

  /** Asks for a column that the asking family keeps up itself. */
  plain(name: string): StateColumn {
    const column = this.columns.get(name) ?? new StateColumn(name);
    this.columns.set(name, column);
    return column;
  }

  /** Opens the table once everything has been asked for. @param isShared true when partitions share what they count */
  open(maxEntries: number, isShared = false): void {
    if (isShared && this.kind.of !== 'session') this.sharing = new Sharing(this);
    this.table = new KeyTable([...this.columns.keys()], this.touched.name, maxEntries);
    this.bind();
  }

  /** From here on lists are located on copies, and nothing of the table changes, until {@link endLook}. */
  beginLook(): void {
    this.copies = new EntryCopies(this.table, [...this.columns.values()]);
  }

  endLook(): void {
    this.copies = undefined;
    this.bind();
  }

  /** Makes room for `more` new keys; entries and arrays stay put until the next call. */
  reserve(more: number): void {
    if (this.copies) this.copies.reserve(more);
    else if (this.table.reserve(more)) this.bind();
  }

  /** Entry of a key, brought to `nowMs`, added when new. Room must have been reserved. */
  touch(key: Key, nowMs: number): number {
    const entry = this.copies ? this.copies.take(key) : this.table.findOrAdd(key);
    this.bring(entry, nowMs);
    return entry;
  }

  /** Entry of a key, or −1; its counts stay as they were when it was last touched. */
  find(key: Key): number {
    return this.table.find(key);
  }

  locate(list: CleanList, nowMs: number): void {
    const { kind, keys } = this;
    const count = kind.scope === 'list' ? 1 : list.items.length;
    if (count > this.entries.length) this.entries = new Int32Array(2 ** Math.ceil(Math.log2(count)));
    if (kind.isPeeked) return this.peek(count, nowMs);
    this.reserve(count);
    for (let i = 0; i < count; i++) {
      const key = kind.keyOf(keys, i);
      this.entries[i] = key === 0 ? NO_KEY : this.touch(key, nowMs);
    }
  }

  shown(list: CleanList, nowMs: number): void {
    const { entries, counts, firsts, lasts } = this;
    if (this.kind.isPeeked) return;
    const { length } = list.items;
    const ofList = this.kind.scope === 'list';
    const count = ofList ? 1 : length;
    for (const { values } of counts.listed) addEach(values, entries, count, 1);
    for (const { values } of counts.shown) addEach(values, entries, count, ofList ? length : 1);
    for (const moment of SHOWING) {
      for (const { values } of firsts[moment]) setFirst(values, entries, count, nowMs);
      for (const { values } of lasts[moment]) setEach(values, entries, count, nowMs);
    }
    for (const average of this.averages.values()) average.shown(list, entries);
    for (const mean of this.means.values()) mean.shown(list, entries, ofList);
    const each = ofList ? length : 1;
    if (this.sharing && isTold(this.kind, this.keys))
      for (let i = 0; i < count; i++) if (entries[i]! >= 0) this.sharing.tellShown(this.table.keyAt(entries[i]!), each);
    for (const { window } of this.windows.shown)
      for (let i = 0; i < count; i++) if (entries[i]! >= 0) window.add(entries[i]!, nowMs, each);
  }

  acted(_item: unknown, reached: boolean, nowMs: number, type: InteractionType): void {
    if (!this.kind.acts) return;
    const entry = this.touchEvent(nowMs);
    if (entry < 0) return;
    this.happened('acted', entry, nowMs);
    this.happened(type, entry, nowMs);
    if (reached) this.happened('reached', entry, nowMs);
  }

  clicked(nowMs: number): void {
    if (!this.kind.clicks) return;
    const entry = this.touchEvent(nowMs);
    if (entry >= 0) this.happened('clicked', entry, nowMs);
  }

  /** Notes for other partitions what was counted here. */
  tell(moment: Moment, entry: number, more: number): void {
    this.sharing?.tell(moment, this.table.keyAt(entry), more);
  }

  /** Adds what another partition counted at about a time; `nowMs` is what this one has come to. */
  addOthers(told: KeyCounts, atMs: number, nowMs: number): void {
    told.keys.forEach((key, row) => {
      this.reserve(1);
      const entry = this.touch(key, nowMs);
      this.sharing?.add(entry, told, row, atMs, this.touched.values[entry]!);
    });
  }

  private happened(moment: Moment, entry: number, nowMs: number): void {
    if (isTold(this.kind, this.event)) this.tell(moment, entry, 1);
    for (const { values } of this.counts[moment]) values[entry]! += 1;
    for (const { values } of this.firsts[moment]) if (values[entry] === 0) values[entry] = nowMs;
    for (const { values } of this.lasts[moment]) values[entry] = nowMs;
    for (const { window } of this.windows[moment]) window.add(entry, nowMs, 1);
  }

  private touchEvent(nowMs: number): number {
    const key = this.kind.keyOf(this.event, 0);
    if (key !== 0) this.reserve(1);
    return (this.eventEntry = key === 0 ? NO_KEY : this.touch(key, nowMs));
  }

  private peek(count: number, nowMs: number): void {
    const { kind, keys, entries, gate } = this;
    const isOpen = !gate || gate.count.values[gate.table.entries[0]!]! > 0;
    for (let i = 0; i < count; i++) {
      const key = kind.keyOf(keys, i);
      const entry = isOpen && key !== 0 ? (this.copies ?? this.table).find(key) : NO_KEY;
      if (entry >= 0) this.bring(entry, nowMs);
      entries[i] = key === 0 ? NO_KEY : entry < 0 ? UNKNOWN : entry;
    }
  }

  private bring(entry: number, nowMs: number): void {
    const { values } = this.touched;
    const sinceMs = nowMs - values[entry]!;
    if (sinceMs <= 0) return;
    if (values[entry] !== 0)
      for (const { ratePerMs, columns } of this.decays) {
        const left = Math.exp(-sinceMs * ratePerMs);
        for (const column of columns) column.values[entry]! *= left;
      }
    values[entry] = nowMs;
  }

  private decayOf(halfLifeMs: number): Decay {
    let decay = this.decays.find((known) => known.halfLifeMs === halfLifeMs);
    if (!decay) this.decays.push((decay = { halfLifeMs, ratePerMs: Math.LN2 / halfLifeMs, columns: [] }));
    return decay;
  }

  private timeOf(name: string, times: ReturnType<typeof byMoment>, moments: readonly Moment[]): StateColumn {
    const known = this.columns.get(name);
    if (known) return known;
    const column = this.plain(name);
    for (const moment of moments) times[moment].push(column);
    return column;
  }

  // What reaching the goal means is a setting.
  readonly nameOf = (moment: Moment): string =>
    moment === 'reached' || moment === 'clicked' ? `${moment} ${this.settings.goal}` : moment;

  private part(): CapturedPart {
    const { table } = this;
    return {
      names: table.columns,
      capture: () => this.table.capture(),
      beginCapture: () => this.table.beginCapture(),
      restore: (captured: CapturedColumns) => {
        this.table.restore(captured);
        this.bind();
      },
    };
  }

  // Typed arrays change identity when the table grows.
  private bind(): void {
    for (const column of this.columns.values()) column.values = this.table.column(column.name);
  }
}

const SHOWING = ['listed', 'shown'] as const;
