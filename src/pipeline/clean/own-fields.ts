import type { Headers } from '../../ports/transport.js';
import type { CleanInteraction, CleanItem } from '../admitted.js';
import type { CarriedReader } from './carried.js';
import type { DeclaredReader } from './declared.js';
import type { TableKeys } from './table-places.js';

/** Reads of an item what its team has declared: features of its own, and fields that samples carry. */
export type OwnFields = (
  list: object,
  item: object,
  eventTimeMs: number,
  headers: Headers,
) => Pick<CleanItem, 'declared' | 'carried' | 'tableKeys'>;

/**
 * Both readers as one; undefined where nothing is declared.
 * @param keys names the rows of tables; absent: there are none
 */
export function ownFields(
  declared: DeclaredReader | undefined,
  carried: CarriedReader | undefined,
  keys?: (list: object, item: object) => TableKeys,
): OwnFields | undefined {
  if (!declared && !carried) return undefined;
  return (list, item, eventTimeMs, headers) => ({
    ...(declared ? { declared: declared.read(list, item, eventTimeMs) } : {}),
    ...(carried ? { carried: carried.read(list, item, headers) } : {}),
    ...(keys ? { tableKeys: keys(list, item) } : {}),
  });
}

/** What a gate reads of interactions; nothing where no declared feature is brought by them. */
export function attributesOf(declared: DeclaredReader | undefined): {
  readonly attributes?: (interaction: object, eventTimeMs: number) => Pick<CleanInteraction, 'attributes'>;
} {
  if (!declared?.readsInteractions) return {};
  return {
    attributes(interaction, eventTimeMs) {
      const attributes = declared.readInteraction(interaction, eventTimeMs);
      return attributes.length > 0 ? { attributes } : {};
    },
  };
}
