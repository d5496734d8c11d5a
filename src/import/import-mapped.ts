import { SluiceError } from '../errors.js';
import type { ImpressionList, Interaction } from '../events/words.js';
import { INPUTS } from '../ports/transport.js';
import { checkColumns } from './check-columns.js';
import { compileInteraction } from './compile-interaction.js';
import { compileList } from './compile-list.js';
import { withEventSink, type EventSink, type OnProgress } from './event-sink.js';
import { missingTest } from './expression.js';
import type { Draft } from './fields.js';
import { ListGroups } from './list-groups.js';
import { loadMapping } from './load-mapping.js';
import type { Mapping } from './mapping-schema.js';
import { readRows } from './rows.js';
import { rowScope, type Scope } from './scope.js';
import { Tally } from './tally.js';

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
}

const REQUIRED_OF_LIST = ['requestId', 'eventTimeMs', 'surface', 'sessionId'];
const REQUIRED_OF_ITEM = ['itemId', 'position'];
const REQUIRED_OF_INTERACTION = ['type', 'eventTimeMs', 'sessionId', 'itemId', 'interactionId'];

/**
 * Turns any CSV or NDJSON log into event files, by a mapping file (docs/how/mapping.md). Files come out sorted by event time.
 * A mapping with only one of the two sections writes only its file, so that logs kept apart are imported one after the
 * other into one folder. Nothing is left out silently: the summary counts everything by reason.
 * @throws SluiceError `mapping-invalid`, `file-unreadable`, `import-file-invalid` (broken quoting), `event-file-invalid` (damaged gzip)
 */
export async function importMapped(
  path: string,
  mappingPath: string,
  outFolder: string,
  onProgress: OnProgress = () => undefined,
): Promise<MappedSummary> {
  const mapping = loadMapping(mappingPath);
  const inputs = INPUTS.filter((input) => mapping[input] !== undefined);
  return withEventSink(
    outFolder,
    async (sink) => {
      const importer = new MappedImporter(mapping, sink);
      for await (const { rows, readFraction } of readRows(path, mapping.source)) {
        const first = rows[0]?.value;
        if (importer.rows === 0 && isCsvRow(first)) checkColumns(mapping, mappingPath, first);
        for (const row of rows) await importer.row(row.value, row.fault);
        onProgress(importer.rows, readFraction);
      }
      await importer.finish();
      importer.checkOutcome(path);
      onProgress(importer.rows, 1);
      return importer.summary();
    },
    inputs,
  );
}

/** A CSV row has no prototype, and every column of its header. */
function isCsvRow(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

class MappedImporter {
  rows = 0;
  private lists = 0;
  private impressions = 0;
  private readonly interactions = new Tally();
  private readonly dropped = new Tally();
  private readonly ignored = new Tally();
  private readonly listReader;
  private readonly rules;
  private readonly groups: ListGroups | undefined;
  private readonly onIgnored = (field: string): void => this.ignored.add(field);

  constructor(
    mapping: Mapping,
    private readonly sink: EventSink,
  ) {
    const isMissing = missingTest(mapping.source.missing);
    const { impressions } = mapping;
    this.listReader = impressions && compileList(impressions, isMissing);
    this.rules = (mapping.interactions ?? []).map((rule) => compileInteraction(rule, impressions, isMissing));
    this.groups = impressions?.shape === 'row-per-impression' ? new ListGroups(impressions.maxOpenLists) : undefined;
  }

  async row(value: unknown, fault: string | undefined): Promise<void> {
    this.rows += 1;
    if (fault !== undefined) return this.dropped.add(fault);
    const scope = rowScope(value, this.rows);
    const isList = this.listReader?.accepts(scope) ?? false;
    const head = isList ? this.listReader!.head(scope, this.onIgnored) : undefined;
    const items = isList ? this.listReader!.items(scope, this.onIgnored) : [];
    // Read before the list takes the items over: grouping numbers them.
    const made = this.interactionsOf(scope, head, items);
    if (head)
      await this.keepList(
        head,
        items.map(({ item }) => item),
      );
    for (const draft of made) await this.keepInteraction(draft);
    if (!head && made.length === 0) this.dropped.add('row fits no rule');
  }

  private interactionsOf(
    scope: Scope,
    head: Draft | undefined,
    items: readonly { scope: Scope; item: Draft }[],
  ): Draft[] {
    const only = this.groups ? items[0]?.item : undefined;
    return this.rules.flatMap((rule) => {
      if (!rule.isPerItem) {
        if (!rule.accepts(scope)) return [];
        return rule.scopes(scope).map((one) => rule.read(one, head, only, this.onIgnored));
      }
      return items
        .filter((found) => rule.accepts(found.scope))
        .map((found) => rule.read(found.scope, head, found.item, this.onIgnored));
    });
  }

  private async keepList(head: Draft, items: readonly Draft[]): Promise<void> {
    const missing = firstMissing(head, REQUIRED_OF_LIST);
    if (missing !== undefined) return this.dropped.add(`list without ${missing}`);
    if (!this.groups) return this.writeList(head, items);
    const [item] = items;
    if (!item) return;
    const { isAdded, complete } = this.groups.add(head, item);
    if (!isAdded) this.dropped.add('item at a position that its list has already');
    if (complete) await this.writeList(complete.head, complete.items);
  }

  private async writeList(head: Draft, items: readonly Draft[]): Promise<void> {
    const whole = items.filter((item) => {
      const missing = firstMissing(item, REQUIRED_OF_ITEM);
      if (missing !== undefined) this.dropped.add(`item without ${missing}`);
      return missing === undefined;
    });
    if (whole.length === 0) return this.dropped.add('list without items');
    this.lists += 1;
    this.impressions += whole.length;
    await this.sink.list({ ...head, items: whole } as unknown as ImpressionList);
  }

  private async keepInteraction(draft: Draft): Promise<void> {
    const missing = firstMissing(draft, REQUIRED_OF_INTERACTION);
    if (missing !== undefined) return this.dropped.add(`interaction without ${missing}`);
    this.interactions.add(draft['type'] as string);
    await this.sink.interaction(draft as unknown as Interaction);
  }

  async finish(): Promise<void> {
    for (const { head, items } of this.groups?.drain() ?? []) await this.writeList(head, items);
  }

  /** @throws import-file-invalid when rows came in and nothing came out */
  checkOutcome(path: string): void {
    if (this.rows === 0 || this.lists > 0 || this.interactions.total > 0) return;
    const why = `nothing came out of ${this.rows} rows: ${JSON.stringify(this.dropped.toObject())}`;
    throw new SluiceError('import-file-invalid', { path, line: this.rows, why });
  }

  summary(): MappedSummary {
    return {
      rows: this.rows,
      lists: this.lists,
      impressions: this.impressions,
      interactions: this.interactions.toObject(),
      dropped: this.dropped.toObject(),
      ignoredValues: this.ignored.toObject(),
    };
  }
}

function firstMissing(draft: Draft, names: readonly string[]): string | undefined {
  return names.find((name) => draft[name] === undefined || draft[name] === '');
}
