import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openParquetFile } from '../../adapters/parquet/index.js';
import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { TableFile } from '../../ports/table-file.js';
import type { ReadRecord } from '../../ports/transport.js';
import { chooseColumns } from './choose-columns.js';
import type { DumpColumn } from './columns.js';
import type { FeatureNames } from './feature-names.js';
import { type DumpSource, type Fields, readingOf, type RecordTopic } from './records.js';
import { emptyShape } from './rows.js';
import type { Shape } from './shape.js';
import { stretchName, writtenEnds } from './written-ends.js';

/** When a file ends and the next begins. */
export interface Rotation {
  readonly maxRows: number;
  /** Since its first row came. */
  readonly maxAgeMs: number;
}

/** What following a topic into files needs beside the topic. */
export interface FollowingFiles {
  readonly folder: string;
  readonly rotation: Rotation;
  /** Patterns of column names; absent: all. */
  readonly columns?: readonly string[] | undefined;
  readonly featureSet?: string | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longest wait of one poll. */
const POLL_WAIT_MS = 200;
/** Rows of one group: it is in memory while it is gathered. */
const GROUP_ROWS = 8_192;

/** The file that is being written. */
interface Draft {
  readonly day: string;
  readonly sinceMs: number;
  readonly group: Fields[];
  rowCount: number;
  /** Undefined before the first group is full. */
  begun: { readonly columns: readonly DumpColumn[]; readonly file: TableFile; readonly handle: FileHandle } | undefined;
}

/** One partition of a topic as files, one after the other. */
export class PartitionFiles {
  /** Columns seen so far, which only grow. */
  private readonly shape: Shape;
  /** Offset before which everything is in files that have their names. */
  private doneTo = 0;
  /** Offset before which everything is in them or in the draft. */
  private readTo = 0;
  /** The latest day of a record: a clock that goes back a little begins no new file. */
  private day = '';
  private draft: Draft | undefined;
  private written = 0;

  constructor(
    private readonly source: DumpSource,
    private readonly of: {
      readonly topic: RecordTopic;
      readonly partition: number;
      readonly names: FeatureNames | null;
    },
    private readonly around: FollowingFiles,
  ) {
    this.shape = emptyShape(source, of.topic, of.names);
  }

  /** Follows from an offset until the signal. @returns rows written */
  async follow(from: number): Promise<number> {
    const { topic, partition } = this.of;
    const { signal } = this.around;
    this.doneTo = this.readTo = from;
    const reader = await this.source.transport.reader([topic], from, partition);
    try {
      while (!signal.aborted) {
        await this.takeAll(await reader.poll(POLL_WAIT_MS));
        if (this.draft && this.around.clock.monotonicMs() - this.draft.sinceMs >= this.around.rotation.maxAgeMs)
          await this.finish();
      }
      await this.finish();
    } finally {
      await this.discard();
      await reader.close();
    }
    return this.written;
  }

  private async takeAll(records: readonly ReadRecord[]): Promise<void> {
    const { topic } = this.of;
    const { featureSet, rotation } = this.around;
    const { fields: read } = readingOf(this.source, topic);
    const whole = records.filter(({ value }) => value !== null);
    if (topic !== 'dead-letters') await this.source.codecs[topic].prepare(whole.map(({ value }) => value!));
    for (const record of whole) {
      const fields = read(record);
      if (featureSet === undefined || fields['featureSetId'] === featureSet) {
        const day = new Date(record.timestampMs).toISOString().slice(0, 10);
        if (day > this.day) {
          await this.finish();
          this.day = day;
        }
        await this.take(fields);
      }
      this.readTo = record.offset + 1;
      if (this.draft && this.draft.rowCount >= rotation.maxRows) await this.finish();
    }
  }

  private async take(fields: Fields): Promise<void> {
    // A file has the columns that it began with; what needs others begins the next.
    if ((await this.shape.take(fields)) && this.draft?.begun) await this.finish();
    this.draft ??= {
      day: this.day,
      sinceMs: this.around.clock.monotonicMs(),
      group: [],
      rowCount: 0,
      begun: undefined,
    };
    this.draft.group.push(fields);
    this.draft.rowCount++;
    if (this.draft.group.length >= GROUP_ROWS) await this.flush(this.draft);
  }

  private async flush(draft: Draft): Promise<void> {
    draft.begun ??= await this.begin();
    const { columns, file } = draft.begun;
    const rows = draft.group.splice(0);
    await file.write(
      columns.map(({ read }) => rows.map(read)),
      rows.length,
    );
  }

  private async begin(): Promise<NonNullable<Draft['begun']>> {
    const { topic, partition } = this.of;
    const columns = chooseColumns(this.shape.columns(), this.around.columns);
    const handle = await open(this.draftPath, 'w');
    const facts = { 'sluice.topic': topic, 'sluice.partition': String(partition), 'sluice.from': String(this.doneTo) };
    const file = openParquetFile({ columns, facts, write: async (bytes) => void (await handle.writeFile(bytes)) });
    return { columns, file, handle };
  }

  /** Ends the draft, if there is one, and gives it its name. */
  private async finish(): Promise<void> {
    const { draft } = this;
    if (draft === undefined) return;
    if (draft.group.length > 0) await this.flush(draft);
    const { file, handle } = draft.begun!;
    await file.finish();
    // On the disk before it has its name: a name stands for a whole file, after a power cut, too.
    await handle.sync();
    await handle.close();
    const folder = join(this.around.folder, `day=${draft.day}`);
    await mkdir(folder, { recursive: true });
    const { topic, partition } = this.of;
    const there = (await writtenEnds(this.around.folder, topic)).get(partition) ?? 0;
    if (there > this.doneTo) throw new SluiceError('dump-folder-shared', { folder: this.around.folder, topic });
    const name = stretchName(topic, partition, this.doneTo, this.readTo);
    await rename(this.draftPath, join(folder, name));
    this.draft = undefined;
    this.doneTo = this.readTo;
    this.written += draft.rowCount;
    this.around.logger.info('rows written', { file: name, rows: draft.rowCount });
  }

  private async discard(): Promise<void> {
    const begun = this.draft?.begun;
    this.draft = undefined;
    if (!begun) return;
    await begun.handle.close().catch(() => undefined);
    await rm(this.draftPath, { force: true });
  }

  /** Readers of a folder pass over names that begin with a dot. */
  private get draftPath(): string {
    return join(this.around.folder, `.${this.of.topic}-${this.of.partition}.part`);
  }
}
