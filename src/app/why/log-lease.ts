import { SluiceError } from '../../errors.js';
import type {
  Committed,
  Fetched,
  InputName,
  InputOffsets,
  LogRecord,
  PartitionLease,
  TopicReader,
  Transport,
} from '../../ports/transport.js';

/** A lease that reads a partition's input and owns nothing: whoever works on the partition is not disturbed. */
export interface LogLease extends PartitionLease {
  readonly close: () => Promise<void>;
}

/** Makes one, as of what a partition has committed. A commit is a bug. */
export function logLease(
  transport: Pick<Transport, 'reader'>,
  partition: number,
  committed: Committed,
  signal: AbortSignal,
): LogLease {
  const readers = new Map<InputName, TopicReader>();
  let from: InputOffsets = { impressions: 0, interactions: 0 };
  const close = async (): Promise<void> => {
    const open = [...readers.values()];
    readers.clear();
    for (const reader of open) await reader.close();
  };
  const readerOf = async (input: InputName): Promise<TopicReader> => {
    const known = readers.get(input);
    if (known) return known;
    const reader = await transport.reader([input], from[input] === 0 ? 'earliest' : from[input], partition);
    readers.set(input, reader);
    return reader;
  };
  return {
    partition,
    signal,
    committed: () => Promise.resolve(committed),
    async seek(offsets) {
      await close();
      from = offsets;
    },
    async poll(input, _maxBytes, waitMs): Promise<Fetched> {
      const reader = await readerOf(input);
      const records: readonly LogRecord[] = await reader.poll(waitMs);
      return { records, caughtUp: records.length === 0 && (await reader.caughtUp()) };
    },
    commit: () => Promise.reject(new SluiceError('bug', { why: 'a reader of the log commits nothing' })),
    close,
  };
}
