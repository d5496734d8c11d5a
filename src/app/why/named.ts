import type { CleanList } from '../../pipeline/admitted.js';
import type { Transport } from '../../ports/transport.js';
import { Asked } from './asked.js';
import type { MessageFinder } from './find-messages.js';
import type { Details, InputPlace } from './fate.js';
import { readRange, type TimeRange } from '../read-range.js';
import type { Subject } from './subjects.js';

interface Sources {
  readonly transport: Pick<Transport, 'reader' | 'endOffsets'>;
  readonly onRead: (count: number) => void;
  readonly finderOf: (asked: Asked) => MessageFinder;
  readonly isMapped: boolean;
}

/**
 * Looks for the impressions that unmatched interactions name, on every partition: standing on another one they are not met,
 * and that is why.
 */
export async function placeUnmatched(
  { transport, onRead, finderOf, isMapped }: Sources,
  subjects: readonly Subject[],
  partitionCount: number,
  range: TimeRange,
): Promise<void> {
  const lost = subjects.filter(
    ({ details, found }) => details?.fate === 'unmatched' && details.because === 'no-impression' && found.isAsked,
  );
  const names = new Map(lost.map((subject) => [subject, nameIn(subject)]));
  const wanted = new Set([...names.values()].filter((name) => name !== null));
  if (wanted.size === 0) return;
  const finder = finderOf(new Asked(wanted, isMapped));
  const places = new Map<string, InputPlace>();
  for (let partition = 0; partition < partitionCount; partition++) {
    for await (const record of readRange(transport, 'impressions', partition, range)) {
      onRead(1);
      await finder.prepare('impressions', record);
      for (const { admitted, place } of finder.find('impressions', record))
        for (const name of admitted.kind === 'list' ? namesOf(admitted.list) : [])
          if (wanted.has(name) && !places.has(name)) places.set(name, place);
    }
  }
  for (const [subject, name] of names) subject.details = withPlace(subject, name === null ? null : places.get(name));
}

function withPlace({ found }: Subject, impressionAt: InputPlace | null | undefined): Details {
  if (!impressionAt) return { fate: 'unmatched', because: 'no-impression', impressionAt: null };
  const isHere = impressionAt.partition === found.place.partition;
  return { fate: 'unmatched', because: isHere ? 'not-remembered' : 'other-partition', impressionAt };
}

/** The impression or request that an interaction names; null: none. */
function nameIn({ found: { admitted } }: Subject): string | null {
  if (admitted.kind !== 'interaction') return null;
  return admitted.interaction.impressionId ?? admitted.interaction.requestId;
}

/** What an interaction may name of a list. */
function namesOf({ requestId, items }: CleanList): readonly string[] {
  return [
    requestId,
    ...items.flatMap(({ impressionId }) => impressionId ?? []),
    ...items.map(({ position }) => `${requestId}#${position}`),
  ];
}
