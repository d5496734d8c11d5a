import { SluiceError } from '../errors.js';
import type { ImpressionList, Interaction } from '../events/words.js';
import { INPUTS } from '../ports/transport.js';
import { checkColumns, checkOutcome, checkPaths, shownRow } from './check-columns.js';
import type { ReadList } from './compile-list.js';
import { withEventSink, type EventSink, type OnProgress } from './event-sink.js';
import type { Draft, Notes } from './fields.js';
import { FillDown } from './fill-down.js';
import { Language } from './language.js';
import { ListGroups } from './list-groups.js';
import { loadMapping } from './load-mapping.js';
import type { Mapping } from './mapping-schema.js';
import { OutcomeWatch, type Outcome } from './outcome.js';
import { compileRows, type ReadInteraction, type RowReader } from './read-row.js';
import { readRows, type LogRow } from './rows.js';
import { RepeatedLists } from './repeated-lists.js';
import { rowScope } from './scope.js';
import { loadTables } from './tables.js';
import { Tally } from './tally.js';
import { Watch } from './watch.js';

/** What a mapped import made. */
export interface MappedSummary {
  readonly rows: number;
  readonly lists: number;
  /** Items over all lists. */
  readonly impressions: number;
  /** Interactions by type. */
  readonly interactions: Readonly<Record<string, number>>;
  /** Rows, items and interactions left out, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Values that were there but were not of their field's type, by field; their record was kept without them. */
  readonly ignoredValues: Readonly<Record<string, number>>;
  /** Lists whose `requestId` one with other items had before; absent: none. Their impressions share ids, so they are taken for one. */
  readonly sharedRequests?: number;
  /** Rules that may come to nothing (`optional: true`) and did, by their place in the mapping; absent: none did. */
  readonly unusedRules?: readonly string[];
  /** What may be a mistake and need be none: fields that are empty in every row; absent: none. */
  readonly doubts?: readonly string[];
}

const REQUIRED_OF_LIST = ['requestId', 'eventTimeMs', 'surface', 'sessionId'];
const REQUIRED_OF_ITEM = ['itemId', 'position'];
const REQUIRED_OF_INTERACTION = ['type', 'eventTimeMs', 'sessionId', 'itemId', 'interactionId'];

/**
 * Turns any log (CSV, NDJSON, Parquet; one file or several, `-` for standard input) into event files, by a mapping file
 * (docs/how/mapping.md). Files come out sorted by event time. A mapping with only one of the two sections writes only its
 * file, so that logs kept apart are imported one after the other into one folder. Nothing is left out silently: the summary
 * counts everything by reason.
 * @throws SluiceError `mapping-invalid` (also for a column that the log does not have, and for a part that came to nothing:
 *   a rule, a value that is never readable, a table without any of the keys), `file-unreadable`, `import-file-invalid`
 *   (broken quoting, a whole array where one id belongs, nothing came out), `event-file-invalid`
 */
export async function importMapped(
  paths: string | readonly string[],
  mappingPath: string,
  outFolder: string,
  onProgress: OnProgress = () => undefined,
): Promise<MappedSummary> {
  const mapping = loadMapping(mappingPath);
  const tables = await loadTables(mapping.tables, mappingPath);
  const language = new Language(mapping.source.missing, tables, new Watch());
  const inputs = INPUTS.filter((input) => mapping[input] !== undefined);
  const files = typeof paths === 'string' ? [paths] : paths;
  return withEventSink(
    outFolder,
    async (sink) => {
      const importer = new MappedImporter(mapping, language, sink);
      const unfilled = new Set(mapping.source.fillDown);
      for (const [at, path] of files.entries()) {
        const fillDown = new FillDown(mapping.source.fillDown);
        let isFirst = true;
        for await (const { rows, readFraction, repeatedNames } of readRows(path, mapping.source)) {
          if (isFirst && isCsvRow(rows[0]?.value)) checkColumns(mapping, mappingPath, rows[0].value, repeatedNames);
          isFirst = false;
          for (const row of rows) await importer.row({ ...row, value: fillDown.filled(row.value) }, path);
          onProgress(importer.rows, (at + readFraction) / files.length);
        }
        for (const column of fillDown.found) unfilled.delete(column);
      }
      await importer.finish();
      checkPaths(language, mappingPath, importer.seenNames, importer.firstRow);
      importer.checkResult(files.join(', '));
      const outcome = importer.outcome([...unfilled]);
      checkOutcome(outcome, mappingPath, importer.firstRow);
      onProgress(importer.rows, 1);
      return importer.summary(outcome);
    },
    inputs,
  );
}

/** A CSV row has no prototype, and every column of its header. */
function isCsvRow(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

/** Rows whose field names are remembered, to name the nearest one. */
const ROWS_LOOKED_AT = 1_000;

class MappedImporter {
  rows = 0;
  readonly seenNames = new Set<string>();
  firstRow: unknown;
  private lists = 0;
  private impressions = 0;
  private readonly interactions = new Tally();
  private readonly dropped = new Tally();
  private readonly ignored = new Tally();
  private readonly reader: RowReader;
  private readonly groups: ListGroups;
  private readonly repeated: RepeatedLists;
  private sharedRequests = 0;
  private readonly watch: OutcomeWatch;
  /** Where the row stands that is read. */
  private place = { path: '', line: 0 };
  private readonly notes: Notes = {
    ignored: (field) => this.ignored.add(field),
    otherWord: (field) => this.ignored.add(field),
    whole: (field, value) => {
      const why = `${field} is ${JSON.stringify(value).slice(0, 120)} where one id belongs; name its parts by split, match or a path like ids[0]`;
      throw new SluiceError('import-file-invalid', { ...this.place, why });
    },
  };

  constructor(
    mapping: Mapping,
    private readonly language: Language,
    private readonly sink: EventSink,
  ) {
    this.reader = compileRows(mapping, language);
    this.watch = new OutcomeWatch(mapping, language);
    const most = (mapping.impressions ?? []).map(({ maxOpenLists }) => maxOpenLists);
    this.groups = new ListGroups(Math.max(1, ...most));
    this.repeated = new RepeatedLists(Math.max(1, ...most));
  }

  async row({ value, line, fault, isGarbled }: LogRow, path: string): Promise<void> {
    this.rows += 1;
    this.place = { path, line };
    if (isGarbled) return this.dropped.add(`${fault}: name the encoding in source.encoding, such as gb18030`);
    if (fault !== undefined) return this.dropped.add(fault);
    this.firstRow ??= value;
    if (this.rows <= ROWS_LOOKED_AT) addNames(value, '', this.seenNames, 0);
    const scope = rowScope(value, this.rows);
    const lists = this.reader.lists(scope, this.notes);
    // Read before the lists take the items over: grouping numbers them.
    const made = this.reader.interactions(scope, lists, this.notes);
    for (const list of lists) await this.keepList(list);
    for (const one of made) await this.keepInteraction(one);
    if (lists.length === 0 && made.length === 0) this.dropped.add('row fits no rule');
  }

  private async keepList({ head, items, isPart, rule }: ReadList): Promise<void> {
    const missing = firstMissing(head, REQUIRED_OF_LIST);
    this.watch.made('impressions', rule, missing ?? (items.length === 0 ? 'items' : undefined));
    if (missing !== undefined) return this.dropped.add(`list without ${missing}`);
    if (!isPart)
      return this.writeList(
        head,
        items.map(({ item }) => item),
      );
    for (const { item } of items) {
      const { isAdded, complete } = this.groups.add(head, item);
      if (!isAdded) this.dropped.add('item at a position that its list has already');
      if (complete) await this.writeList(complete.head, complete.items);
    }
  }

  private async writeList(head: Draft, items: readonly Draft[]): Promise<void> {
    const whole = items.filter((item) => {
      const missing = firstMissing(item, REQUIRED_OF_ITEM);
      if (missing !== undefined) this.dropped.add(`item without ${missing}`);
      return missing === undefined;
    });
    if (whole.length === 0) return this.dropped.add('list without items');
    const repetition = this.repeated.see(head['requestId'] as string, whole);
    if (repetition === 'again') return this.dropped.add('list that a row before it held');
    if (repetition === 'other-items') this.sharedRequests += 1;
    this.lists += 1;
    this.impressions += whole.length;
    this.watch.list(head, whole);
    await this.sink.list({ ...head, items: whole } as unknown as ImpressionList);
  }

  private async keepInteraction({ rule, draft }: ReadInteraction): Promise<void> {
    const missing = firstMissing(draft, REQUIRED_OF_INTERACTION);
    this.watch.made('interactions', rule, missing);
    if (missing !== undefined) return this.dropped.add(`interaction without ${missing}`);
    this.interactions.add(draft['type'] as string);
    this.watch.interaction(rule, draft);
    await this.sink.interaction(draft as unknown as Interaction);
  }

  async finish(): Promise<void> {
    for (const { head, items } of this.groups.drain()) await this.writeList(head, items);
  }

  /** @throws import-file-invalid when rows came in and nothing came out, or labels came from the wrong parts */
  checkResult(path: string): void {
    const { misaligned } = this.language;
    if (misaligned) {
      const { column, partCount, itemCount, row = 0 } = misaligned;
      const why = `${column} has ${partCount} parts where the list has ${itemCount} items, so no part belongs to an item; for a list of ids write { column: ITEM ID, among: ${column} }`;
      throw new SluiceError('import-file-invalid', { path, line: row, why });
    }
    if (this.lists > 0 || this.interactions.total > 0) return;
    const dropped = JSON.stringify(this.dropped.toObject());
    const why =
      this.rows === 0
        ? 'it has no rows'
        : `nothing came out of ${this.rows} rows: ${dropped}; row 1 is ${shownRow(this.firstRow)}`;
    throw new SluiceError('import-file-invalid', { path, line: this.rows, why });
  }

  outcome(neverFilled: readonly string[]): Outcome {
    return this.watch.outcome(neverFilled);
  }

  summary({ doubts }: Outcome): MappedSummary {
    const unused = this.watch.unused();
    return {
      rows: this.rows,
      lists: this.lists,
      impressions: this.impressions,
      interactions: this.interactions.toObject(),
      dropped: { ...this.dropped.toObject(), ...this.language.tableFaults() },
      ignoredValues: { ...this.ignored.toObject(), ...this.language.unmatched.toObject() },
      ...(this.sharedRequests > 0 ? { sharedRequests: this.sharedRequests } : {}),
      ...(unused.length > 0 ? { unusedRules: unused } : {}),
      ...(doubts.length > 0 ? { doubts } : {}),
    };
  }
}

function firstMissing(draft: Draft, names: readonly string[]): string | undefined {
  return names.find((name) => draft[name] === undefined || draft[name] === '');
}

/** Levels of a row whose names are remembered, and names at the most. */
const LEVELS_LOOKED_AT = 5;
const MOST_NAMES = 5_000;

/** Adds the names of a row's fields, as paths from it and as they are read in the elements of an array. */
function addNames(value: unknown, path: string, names: Set<string>, level: number): void {
  if (typeof value !== 'object' || value === null || level > LEVELS_LOOKED_AT || names.size > MOST_NAMES) return;
  if (Array.isArray(value)) {
    for (const element of value.slice(0, 3)) {
      addNames(element, '', names, level + 1);
      addNames(element, `${path}[]`, names, level + 1);
    }
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    const own = path === '' ? name : `${path}.${name}`;
    names.add(own);
    addNames(inner, own, names, level + 1);
  }
}
