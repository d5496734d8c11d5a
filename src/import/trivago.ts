import { readCsv } from '../adapters/csv/index.js';
import type { CsvRow } from '../adapters/csv/index.js';
import { SluiceError } from '../errors.js';
import { withEventSink, type EventSink, type OnProgress } from './event-sink.js';
import { Tally } from './tally.js';
import { newTrivagoSession, trivagoEvents, type TrivagoSession } from './trivago-session.js';

/** What an import of the trivago log made. */
export interface TrivagoSummary {
  readonly rows: number;
  readonly lists: number;
  /** Items over all lists. */
  readonly impressions: number;
  readonly clicks: number;
  readonly otherInteractions: number;
  /** Clicks on an item that its own list does not hold; they are written and join nothing. */
  readonly clicksOutsideList: number;
  /** Rows that shape later lists' context and are no event themselves. */
  readonly contextRows: number;
  readonly skippedRows: Readonly<Record<string, number>>;
}

const REQUIRED = ['session_id', 'timestamp', 'step', 'action_type', 'reference', 'impressions'];
/** Sessions whose context is remembered when their rows do not stand together. */
const MAX_SESSIONS = 50_000;

/**
 * Turns a session log of the RecSys Challenge 2019 (trivago) into event files. Each `clickout item` row is the list that
 * was shown and the click on it; item views, ratings, deals and image views become VIEW; filters, sort orders and
 * destinations shape the context of the session's later lists. Files come out sorted by event time.
 *
 * Rows of a session that stand together are put in order of timestamp and step.
 * @param path CSV with a header row, packed when it ends in `.gz`
 * @throws SluiceError `file-unreadable`, `import-file-invalid`
 */
export async function importTrivago(
  path: string,
  outFolder: string,
  onProgress: OnProgress = () => undefined,
): Promise<TrivagoSummary> {
  return withEventSink(outFolder, async (sink) => {
    const importer = new TrivagoImporter(sink);
    let held: CsvRow[] = [];
    for await (const { rows, readFraction } of readCsv(path)) {
      for (const row of rows) {
        if (importer.rows === 0 && held.length === 0) requireColumns(path, row);
        if (held.length > 0 && held[0]!.columns['session_id'] !== row.columns['session_id']) {
          await importer.session(held);
          held = [];
        }
        held.push(row);
      }
      onProgress(importer.rows + held.length, readFraction);
    }
    await importer.session(held);
    onProgress(importer.rows, 1);
    return importer.summary();
  });
}

class TrivagoImporter {
  rows = 0;
  private lists = 0;
  private impressions = 0;
  private views = 0;
  private clicksOutsideList = 0;
  private contextRows = 0;
  private readonly skipped = new Tally();
  private readonly sessions = new Map<string, TrivagoSession>();

  constructor(private readonly sink: EventSink) {}

  async session(rows: readonly CsvRow[]): Promise<void> {
    if (rows.length === 0) return;
    const session = this.sessionOf(rows[0]!.columns['session_id'] ?? '');
    for (const row of [...rows].sort(byTimeAndStep)) await this.row(session, row);
  }

  private async row(session: TrivagoSession, row: CsvRow): Promise<void> {
    this.rows += 1;
    if (!row.isComplete) return this.skipped.add('wrong number of columns');
    const events = trivagoEvents(session, row.columns);
    switch (events.kind) {
      case 'clickout':
        this.lists += 1;
        this.impressions += events.list.items.length;
        if (!events.clickIsInList) this.clicksOutsideList += 1;
        await this.sink.list(events.list);
        return this.sink.interaction(events.click);
      case 'view':
        this.views += 1;
        return this.sink.interaction(events.view);
      case 'context':
        this.contextRows += 1;
        return;
      case 'skipped':
        return this.skipped.add(events.reason);
    }
  }

  private sessionOf(sessionId: string): TrivagoSession {
    const session = this.sessions.get(sessionId) ?? newTrivagoSession();
    this.sessions.delete(sessionId);
    this.sessions.set(sessionId, session);
    if (this.sessions.size > MAX_SESSIONS) this.sessions.delete(this.sessions.keys().next().value!);
    return session;
  }

  summary(): TrivagoSummary {
    return {
      rows: this.rows,
      lists: this.lists,
      impressions: this.impressions,
      clicks: this.lists,
      otherInteractions: this.views,
      clicksOutsideList: this.clicksOutsideList,
      contextRows: this.contextRows,
      skippedRows: this.skipped.toObject(),
    };
  }
}

function byTimeAndStep(a: CsvRow, b: CsvRow): number {
  return (
    Number(a.columns['timestamp']) - Number(b.columns['timestamp']) ||
    Number(a.columns['step']) - Number(b.columns['step'])
  );
}

function requireColumns(path: string, row: CsvRow): void {
  const missing = REQUIRED.filter((name) => !(name in row.columns));
  if (row.isComplete && missing.length > 0) {
    throw new SluiceError('import-file-invalid', {
      path,
      line: 1,
      why: `not a trivago session log: no column ${missing.join(', ')}`,
    });
  }
}
