import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { CleanList } from '../../pipeline/admitted.js';
import type { CarriedReader } from '../../pipeline/clean/carried.js';
import type { DeclaredReader } from '../../pipeline/clean/declared.js';
import { type UsedFields, withRows } from '../../pipeline/tables/table-fields.js';
import type { Tables } from '../../pipeline/tables/tables.js';
import { type Row, VersionedTable } from '../../pipeline/tables/versioned-table.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import type { Transport } from '../../ports/transport.js';
import { LOOKUP_OUTCOMES } from '../../observe/table-metrics.js';
import { FileSource, type ReadRow, type TableSource, TopicSource } from './table-source.js';

/** What tables are opened with. */
export interface TableDeps {
  readonly metrics: Pick<Metrics, 'count' | 'gauge'>;
  readonly logger: Logger;
  readonly used: UsedFields;
  readonly declared: DeclaredReader | undefined;
  readonly carried: CarriedReader | undefined;
}

/**
 * The tables of a process, in memory: every row whole, since any partition may ask for any of them. They are read from the
 * beginning at every start and kept nowhere, so no user's id reaches a disk, and no copy can be out of step.
 */
export class OpenTables implements Tables {
  private readonly tables: readonly OpenTable[];

  constructor(
    config: Pick<Config, 'tables' | 'clean' | 'join'>,
    transport: Pick<Transport, 'reader'>,
    private readonly deps: TableDeps,
  ) {
    this.tables = config.tables.map((table, at) => {
      const settings = {
        table,
        fields: deps.used.fields[at]!,
        timeUnit: config.clean.timeUnit,
        lateMs: table.lateMs ?? config.join.allowedLatenessMs / 2,
      };
      const { from } = table;
      const source = 'topic' in from ? new TopicSource(transport, settings) : new FileSource(from.file, settings);
      return new OpenTable(table, source, deps);
    });
  }

  async readOn(oldestMs: number): Promise<void> {
    await Promise.all(this.tables.map((table) => table.readOn(oldestMs)));
  }

  into(list: CleanList): CleanList {
    const described = withRows(list, (table, key, timeMs) => this.tables[table]!.find(key, timeMs), this.deps);
    for (const table of this.tables) table.tell();
    return described;
  }

  looking(declared: DeclaredReader | undefined): Pick<Tables, 'readOn' | 'into'> {
    const readers = { declared, carried: undefined };
    return {
      readOn: async () => void (await Promise.all(this.tables.map((table) => table.readOn()))),
      into: (list) => withRows(list, (table, key, timeMs) => this.tables[table]!.look(key, timeMs), readers),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.tables.map((table) => table.close()));
  }
}

type LookupOutcome = (typeof LOOKUP_OUTCOMES)[number];

type TableConfig = Config['tables'][number];

class OpenTable {
  private readonly versions = new VersionedTable();
  /** The reading that is under way, and the one that begins after it. */
  private reading: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private newestMs = -Infinity;
  private oldestMs = Infinity;
  private pruneAt = 0;
  private hasToldFault = false;
  private readonly lookups: Record<LookupOutcome, number> = { found: 0, missing: 0, 'no-key': 0 };

  constructor(
    private readonly table: TableConfig,
    private readonly source: TableSource,
    private readonly deps: TableDeps,
  ) {
    this.pruneAt = table.maxVersions;
  }

  find(key: string | null, timeMs: number): Row | undefined {
    const row = this.look(key, timeMs);
    this.lookups[key === null ? 'no-key' : row ? 'found' : 'missing']++;
    return row;
  }

  look(key: string | null, timeMs: number): Row | undefined {
    return key === null ? undefined : this.versions.at(key, timeMs);
  }

  /** Counts the look-ups since the last call. */
  tell(): void {
    for (const outcome of LOOKUP_OUTCOMES) {
      const more = this.lookups[outcome];
      if (more === 0) continue;
      this.deps.metrics.count('sluice_table_lookups_total', more, { table: this.table.name, outcome });
      this.lookups[outcome] = 0;
    }
  }

  /** Whoever comes while one is under way waits for the next: what it began before may have missed what is there now. */
  readOn(oldestMs?: number): Promise<void> {
    this.newestMs = Math.max(this.newestMs, oldestMs ?? -Infinity);
    this.oldestMs = Math.min(this.oldestMs, oldestMs ?? Infinity);
    if (this.next !== undefined) return this.next;
    if (this.reading === undefined) return this.begin();
    this.next = this.reading.catch(() => undefined).then(() => this.begin());
    return this.next;
  }

  async close(): Promise<void> {
    await this.reading?.catch(() => undefined);
    await this.source.close();
  }

  private begin(): Promise<void> {
    this.next = undefined;
    this.reading = this.readAll().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readAll(): Promise<void> {
    const { oldestMs } = this;
    this.oldestMs = Infinity;
    if (oldestMs < this.versions.prunedToMs) {
      this.deps.logger.info('a table is read again, for an impression older than what was kept', {
        table: this.table.name,
      });
      this.versions.clear();
      await this.source.rewind();
    }
    for (;;) {
      const rows = await this.source.next();
      if (rows.length === 0) break;
      this.take(rows, oldestMs);
    }
    this.deps.metrics.gauge('sluice_table_versions', this.versions.versionCount, { table: this.table.name });
  }

  private take(rows: readonly ReadRow[], oldestMs: number): void {
    const counts = { read: 0, late: 0, deleted: 0, unreadable: 0 };
    for (const row of rows) {
      if ('fault' in row) {
        counts.unreadable++;
        this.tellFault(row.fault);
        continue;
      }
      const { version } = row;
      counts[version.row === null ? 'deleted' : version.fromMs > version.timeMs ? 'late' : 'read']++;
      this.versions.put(row.key, version);
    }
    const { name } = this.table;
    for (const [outcome, count] of Object.entries(counts))
      if (count > 0) this.deps.metrics.count('sluice_table_rows_total', count, { table: name, outcome });
    this.bound(oldestMs);
  }

  /** Keeps to `maxVersions`. @throws SluiceError `table-full` */
  private bound(oldestMs: number): void {
    const { versions, table } = this;
    if (versions.versionCount <= this.pruneAt) return;
    versions.prune(Math.min(oldestMs, this.newestMs - table.keepMs));
    if (versions.versionCount > table.maxVersions)
      throw new SluiceError('table-full', { table: table.name, limit: table.maxVersions });
    this.pruneAt = Math.min(table.maxVersions, 2 * versions.versionCount);
  }

  private tellFault(why: string): void {
    if (this.hasToldFault) return;
    this.hasToldFault = true;
    this.deps.logger.warn('a row of a table cannot be read; others are only counted', {
      table: this.table.name,
      why,
    });
  }
}
