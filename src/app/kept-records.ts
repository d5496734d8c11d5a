import type { Transport } from '../ports/transport.js';
import { readToEnd } from '../stream/read-to-end.js';

/** Longest wait of one poll of the checkpoints. */
const POLL_WAIT_MS = 200;

/**
 * The JSON records that an application keeps beside its checkpoints, under keys that begin alike: the newest of each key, in
 * the order in which the keys came. A key without a value is gone.
 */
export async function keptRecords<T>(
  transport: Pick<Transport, 'reader'>,
  keyPrefix: string,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  const reader = await transport.reader(['checkpoints'], 'earliest', 0);
  try {
    await readToEnd(reader, POLL_WAIT_MS, (records) => {
      for (const { key, value } of records) {
        const name = key ? Buffer.from(key).toString() : '';
        if (!name.startsWith(keyPrefix)) continue;
        if (value === null) found.delete(name);
        else found.set(name, JSON.parse(Buffer.from(value).toString()) as T);
      }
    });
  } finally {
    await reader.close();
  }
  return found;
}
