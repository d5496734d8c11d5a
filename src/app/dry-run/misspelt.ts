import { INTERACTION_FIELD_NAMES, IMPRESSION_LIST_FIELDS, ITEM_FIELDS } from '../../adapters/avro/index.js';
import { nearest } from '../../config/nearest.js';
import type { InputName } from '../../ports/transport.js';

/** A field that nobody reads, in messages that lack one of nearly the same name. */
export interface MisspeltField {
  readonly input: InputName;
  /** As it stands in the message: `querry`, `items[].prise`. */
  readonly field: string;
  readonly meant: string;
  /** Messages with it. */
  readonly messages: number;
}

/** Finds optional fields that a producer seems to have misspelt: nothing refuses them, and their values are missing for ever. */
export class MisspeltFields {
  private readonly found = new Map<string, MisspeltField & { messages: number }>();
  private readonly known: Readonly<Record<'list' | 'item' | 'interaction', ReadonlySet<string>>>;

  /** @param paths of fields that a team reads of its own (`context.age`, `items.note`) */
  constructor(paths: readonly string[]) {
    const steps = paths.map((path) => path.split('.'));
    const ofItems = steps.flatMap(([first, second]) => (first === 'items' && second !== undefined ? [second] : []));
    const own = steps.map(([first]) => first!);
    this.known = {
      list: new Set([...IMPRESSION_LIST_FIELDS, ...own]),
      item: new Set([...ITEM_FIELDS, ...ofItems]),
      interaction: new Set([...INTERACTION_FIELD_NAMES, ...own]),
    };
  }

  take(input: InputName, message: unknown): void {
    if (!isRecord(message)) return;
    const names = new Map<string, string>();
    this.gather(message, input === 'impressions' ? this.known.list : this.known.interaction, '', names);
    const items = input === 'impressions' && Array.isArray(message['items']) ? (message['items'] as unknown[]) : [];
    for (const item of items) if (isRecord(item)) this.gather(item, this.known.item, 'items[].', names);
    for (const [field, meant] of names) {
      const key = JSON.stringify([input, field]);
      const entry = this.found.get(key) ?? { input, field, meant, messages: 0 };
      this.found.set(key, { ...entry, messages: entry.messages + 1 });
    }
  }

  /** Most frequent first. */
  get fields(): readonly MisspeltField[] {
    return [...this.found.values()].sort((left, right) => right.messages - left.messages);
  }

  private gather(
    record: Readonly<Record<string, unknown>>,
    known: ReadonlySet<string>,
    before: string,
    names: Map<string, string>,
  ): void {
    for (const field of Object.keys(record)) {
      if (known.has(field) || names.has(before + field)) continue;
      const absent = [...known].filter((name) => record[name] === undefined || record[name] === null);
      const meant = nearest(field.replaceAll(/[_-]/g, ''), absent);
      if (meant !== undefined) names.set(before + field, before + meant);
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
