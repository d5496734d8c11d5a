import { sendEvents } from '../../adapters/event-files/index.js';
import type { NewRecord, Transport } from '../../ports/transport.js';

/** The events as records, in the order they are sent in. */
export async function recordsOf(events: string, transport: Transport): Promise<NewRecord[]> {
  const records: NewRecord[] = [];
  const append = (batch: readonly NewRecord[]): Promise<void> => {
    for (const record of batch) records.push(record);
    return Promise.resolve();
  };
  await sendEvents(events, { append, partitionCount: (topic) => transport.partitionCount(topic) });
  return records;
}

/** Cuts the records into so many slices of about the same length, in order. */
export function slices<T>(records: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, n) =>
    records.slice(Math.floor((n * records.length) / count), Math.floor(((n + 1) * records.length) / count)),
  );
}
