import { impressionIdOf } from '../../events/impression-id.js';
import { partitionOfText } from '../../events/partition.js';
import { cleanMessage, decodeMessage, pseudonymiseMessage, type Decoded, type Gate } from '../../pipeline/admit.js';
import type { Admitted, CleanInteraction, CleanItem, CleanList, Rejected } from '../../pipeline/admitted.js';
import type { InputName, ReadRecord } from '../../ports/transport.js';
import type { Asked } from './asked.js';
import type { InputPlace } from './fate.js';

/** A message that is, or holds, or names, what is asked for. */
export interface FoundMessage {
  readonly place: InputPlace;
  /** As the pipeline admits it now, people hidden. */
  readonly admitted: Admitted;
  /** False for an interaction that only names an impression that is asked for. */
  readonly isAsked: boolean;
  /** Places in the list of what is asked for. */
  readonly items: readonly number[];
  /** Ids of impressions of it that were refused one by one, by their place in the message; null: they have none. */
  readonly refusedIds: ReadonlyMap<number, string>;
  /** Where the default partitioner puts its session, when that is elsewhere. */
  readonly sessionPartition: number | null;
}

/** The id that an impression's sample goes out with. */
export function sampleIdOf(list: CleanList, { publicId, impressionId, position }: CleanItem): string {
  return impressionIdOf(list.publicId ?? list.requestId, { impressionId: publicId ?? impressionId, position });
}

/** Finds messages by the ids in them: lists first, so that the interactions of their impressions are known. */
export class MessageFinder {
  private readonly requestItems = new Set<string>();
  private readonly sessionItems = new Set<string>();
  private readonly impressionIds = new Set<string>();

  constructor(
    private readonly asked: Asked,
    private readonly gateOf: (partition: number) => Gate,
    /** Forms in which a hidden id may be asked for; absent: ids are asked for as they were sent. */
    private readonly publicForms?: (sentId: string) => string,
  ) {}

  /** Takes a record's bytes in where the codec must look something up first. */
  async prepare(input: InputName, record: ReadRecord): Promise<void> {
    if (this.asked.mayBeIn(record)) await this.gateOf(record.partition)[input].prepare([record.value]);
  }

  /** What the events of a message are to the question. */
  find(input: InputName, record: ReadRecord): readonly FoundMessage[] {
    if (!this.asked.mayBeIn(record)) return [];
    const gate = this.gateOf(record.partition);
    return decodeMessage(gate, input, record).flatMap((decoded, part) => {
      const { partition, offset, timestampMs: writtenMs } = record;
      const place = { input, partition, offset, writtenMs, ...(part > 0 ? { part } : {}) };
      return this.findIn(gate, decoded, place, record) ?? [];
    });
  }

  private findIn(
    gate: Gate,
    decoded: Decoded | Rejected,
    place: InputPlace,
    record: ReadRecord,
  ): FoundMessage | undefined {
    const cleaned = cleanMessage(gate, decoded);
    const admitted = pseudonymiseMessage(gate, cleaned);
    const found = { place, admitted, isAsked: true, items: [], refusedIds: new Map(), sessionPartition: null };
    if (cleaned.kind === 'rejected' || admitted.kind === 'rejected')
      return this.isInRejected(decoded, record) ? found : undefined;
    const { partitionCount = 1 } = gate;
    if (cleaned.kind === 'list' && admitted.kind === 'list') {
      const refusedIds = this.refusedIn(decoded, admitted.deadLetters[0]?.refused ?? []);
      const items = this.itemsIn(cleaned.list);
      if (items.length === 0 && refusedIds.size === 0) return undefined;
      this.remember(cleaned.list, admitted.list, items);
      return { ...found, items, refusedIds, sessionPartition: elsewhere(cleaned.list.session, place, partitionCount) };
    }
    if (cleaned.kind !== 'interaction' || admitted.kind !== 'interaction') return undefined;
    const isAsked = this.isAskedFor(cleaned.interaction.interactionId);
    if (!isAsked && !this.isOfFound(cleaned.interaction, admitted.interaction.session)) return undefined;
    const sessionPartition = elsewhere(cleaned.interaction.session, place, partitionCount);
    return { ...found, isAsked, sessionPartition };
  }

  private itemsIn(list: CleanList): readonly number[] {
    if (!this.publicForms) return this.asked.placesIn(list);
    const { publicForms } = this;
    const items = list.items.map((item) =>
      item.impressionId === null ? item : { ...item, impressionId: publicForms(item.impressionId) },
    );
    const hidden = this.asked.placesIn({ ...list, requestId: publicForms(list.requestId), items });
    return [...new Set([...this.asked.placesIn(list), ...hidden])].sort((a, b) => a - b);
  }

  private isAskedFor(interactionId: string): boolean {
    if (this.asked.isOf({ interactionId })) return true;
    return this.publicForms !== undefined && this.asked.isOf({ interactionId: this.publicForms(interactionId) });
  }

  /** What their interactions are told by, of impressions that are asked for. */
  private remember(list: CleanList, { session }: CleanList, items: readonly number[]): void {
    for (const place of items) {
      const item = list.items[place]!;
      this.impressionIds.add(impressionIdOf(list.requestId, item));
      this.requestItems.add(`${list.requestId}\n${item.itemId}`);
      this.sessionItems.add(`${session}\n${item.itemId}`);
      if (item.impressionId !== null) this.asked.look(item.impressionId);
    }
    if (items.length === 0) return;
    this.asked.look(list.requestId);
    this.asked.look(list.session);
  }

  private isOfFound({ impressionId, requestId, itemId }: CleanInteraction, session: string): boolean {
    if (impressionId !== null) return this.impressionIds.has(impressionId);
    if (requestId !== null) return this.requestItems.has(`${requestId}\n${itemId}`);
    return this.sessionItems.has(`${session}\n${itemId}`);
  }

  private isInRejected(decoded: Decoded | Rejected, { value }: ReadRecord): boolean {
    if (decoded.kind === 'rejected') return value !== null && this.asked.isNamedIn(value);
    const { ids } = this.asked;
    if (decoded.input === 'interactions') return ids.has(decoded.value.interactionId);
    const { requestId, items } = decoded.value as { readonly requestId?: unknown; readonly items?: unknown };
    if (ids.has(String(requestId))) return true;
    return Array.isArray(items) && items.some((item) => ids.has(rawImpressionId(requestId, item)));
  }

  private refusedIn(
    decoded: Decoded | Rejected,
    refused: readonly { readonly itemIndex: number | null }[],
  ): ReadonlyMap<number, string> {
    const ids = new Map<number, string>();
    if (decoded.kind === 'rejected' || decoded.input !== 'impressions') return ids;
    const { requestId, items } = decoded.value;
    const isWhole = this.asked.ids.has(requestId);
    for (const { itemIndex } of refused) {
      if (itemIndex === null) continue;
      const id = rawImpressionId(requestId, items[itemIndex]);
      if (isWhole || this.asked.ids.has(id)) ids.set(itemIndex, id);
    }
    return ids;
  }
}

/** The impression id of an item of unknown shape. */
function rawImpressionId(requestId: unknown, item: unknown): string {
  const { impressionId, position } = (item ?? {}) as { readonly impressionId?: unknown; readonly position?: unknown };
  return typeof impressionId === 'string' ? impressionId : `${String(requestId)}#${String(position)}`;
}

function elsewhere(session: string, { partition }: InputPlace, partitionCount: number): number | null {
  const expected = partitionOfText(session, partitionCount);
  return expected === partition ? null : expected;
}
