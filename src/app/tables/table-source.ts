import type { TableConfig } from '../../config/tables-schema.js';
import { tableRole } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import { parseExactJson } from '../../events/exact-json.js';
import { utf8Text } from '../../events/utf8-text.js';
import { type LogRow, PLAIN_ROWS, readRows } from '../../import/index.js';
import { compileMessagePath, type Look } from '../../pipeline/clean/message-path.js';
import { readTimeMs, type TimeUnit } from '../../pipeline/clean/time.js';
import { rowKeyOf } from '../../pipeline/tables/table-fields.js';
import type { Version } from '../../pipeline/tables/versioned-table.js';
import type { ReadRecord, TopicReader, Transport } from '../../ports/transport.js';

/** What a row that was read is: a version of a key, or why it is none. */
export type ReadRow = { readonly key: string; readonly version: Version } | { readonly fault: string };

/** Where the versions of a table come from. */
export interface TableSource {
  /** The next rows; none: everything written before the call was given. */
  next(): Promise<readonly ReadRow[]>;
  /** Begins with the first row again. */
  rewind(): Promise<void>;
  close(): Promise<void>;
}

/** How rows are read. */
export interface RowSettings {
  readonly table: TableConfig;
  /** Paths in a row whose values are kept. */
  readonly fields: readonly string[];
  readonly timeUnit: TimeUnit;
  /** `lateMs` of the table, or what stands for it. */
  readonly lateMs: number;
}

/** Rows of a topic, each a JSON object; a record without a value says that its row is gone. */
export class TopicSource implements TableSource {
  private reader: TopicReader | undefined;
  private readonly row: RowReader;

  constructor(
    private readonly transport: Pick<Transport, 'reader'>,
    private readonly settings: RowSettings,
  ) {
    this.row = new RowReader(settings);
  }

  async next(): Promise<readonly ReadRow[]> {
    const role = tableRole(this.settings.table.name);
    this.reader ??= await this.transport.reader([role], 'earliest');
    try {
      for (;;) {
        const records = await this.reader.poll(0);
        if (records.length > 0) return records.map((record) => this.rowOf(record));
        if (await this.reader.caughtUp()) return [];
        // What the end lies behind is on its way.
        const more = await this.reader.poll(POLL_WAIT_MS);
        if (more.length > 0) return more.map((record) => this.rowOf(record));
      }
    } catch (thrown) {
      // Versions that are read again change nothing.
      await this.rewind();
      throw thrown;
    }
  }

  async rewind(): Promise<void> {
    const { reader } = this;
    this.reader = undefined;
    await reader?.close();
  }

  close(): Promise<void> {
    return this.rewind();
  }

  private rowOf({ key, value, timestampMs, partition, offset }: ReadRecord): ReadRow {
    const written = { writtenMs: timestampMs, partition, offset };
    const recordKey = key === null ? null : rowKeyOf(utf8Text(key));
    if (value === null) {
      if (recordKey === null) return { fault: 'a record without key and value' };
      return { key: recordKey, version: { ...written, timeMs: timestampMs, fromMs: timestampMs, row: null } };
    }
    const text = utf8Text(value);
    if (text === undefined) return { fault: 'not UTF-8' };
    let row: unknown;
    try {
      row = parseExactJson(text);
    } catch {
      return { fault: 'not JSON' };
    }
    return this.row.read(row, recordKey, written, timestampMs - this.settings.lateMs);
  }
}

const POLL_WAIT_MS = 100;

/** Rows of a file, which is read once. */
export class FileSource implements TableSource {
  private batches: ReturnType<typeof readRows> | undefined;
  private readonly row: RowReader;

  constructor(
    private readonly file: string,
    private readonly settings: RowSettings,
  ) {
    this.row = new RowReader(settings);
  }

  /** @throws SluiceError `table-unreadable` */
  async next(): Promise<readonly ReadRow[]> {
    this.batches ??= readRows(this.file, PLAIN_ROWS);
    for (;;) {
      const { done, value: batch } = await this.batches.next();
      if (done === true) return [];
      if (batch.rows.length > 0) return batch.rows.map((row) => this.versionOf(row));
    }
  }

  async rewind(): Promise<void> {
    await this.close();
    this.batches = undefined;
  }

  async close(): Promise<void> {
    await this.batches?.return(undefined);
  }

  private versionOf({ value, line, fault }: LogRow): ReadRow {
    const written = { writtenMs: 0, partition: 0, offset: line };
    const row: ReadRow = fault === undefined ? this.row.read(value, null, written, -Infinity) : { fault };
    if (!('fault' in row)) return row;
    const { name } = this.settings.table;
    throw new SluiceError('table-unreadable', { table: name, path: this.file, line, why: row.fault });
  }
}

/** Makes versions of rows. */
class RowReader {
  private readonly fields: readonly Look[];
  private readonly keyOf: Look | undefined;
  private readonly timeOf: Look | undefined;

  constructor(private readonly settings: RowSettings) {
    const { table, fields } = settings;
    this.fields = fields.map((field) => compileMessagePath(field));
    this.keyOf = table.rowKey === undefined ? undefined : compileMessagePath(table.rowKey);
    this.timeOf = table.time === undefined ? undefined : compileMessagePath(table.time);
  }

  /** @param earliestMs from when on a row that was written then may count at most */
  read(
    row: unknown,
    recordKey: string | null,
    written: Pick<Version, 'writtenMs' | 'partition' | 'offset'>,
    earliestMs: number,
  ): ReadRow {
    if (typeof row !== 'object' || row === null) return { fault: 'no object' };
    const key = this.keyOf ? rowKeyOf(this.keyOf(row, row)) : recordKey;
    if (key === null) return { fault: `no key${this.keyOf ? ` at ${this.settings.table.rowKey}` : ''}` };
    const timeMs = this.timeMs(row, written.writtenMs);
    if (timeMs === undefined) return { fault: `no time at ${this.settings.table.time}` };
    const fromMs = Math.max(timeMs, earliestMs);
    return { key, version: { ...written, timeMs, fromMs, row: this.fields.map((look) => look(row, row)) } };
  }

  private timeMs(row: object, writtenMs: number): number | undefined {
    if (this.timeOf) return readTimeMs(this.timeOf(row, row), this.settings.timeUnit);
    return 'topic' in this.settings.table.from ? writtenMs : -Infinity;
  }
}
