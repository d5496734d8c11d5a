import type { Line } from '../../adapters/threads/index.js';
import type {
  Committed,
  Fetched,
  InputName,
  InputOffsets,
  PartitionLease,
  Transport,
  UnitOfWork,
} from '../../ports/transport.js';
import type { RunDoors } from './doors.js';
import { buffersOf, packNew, unpackRead, unpackTopics } from './packed.js';

/** A lease of the run's own thread, used from this one: what it reads and commits goes through the line. */
export class LineLease implements PartitionLease {
  constructor(
    private readonly line: Line<RunDoors>,
    private readonly life: number,
    readonly partition: number,
    readonly signal: AbortSignal,
  ) {}

  committed(): Promise<Committed> {
    return this.line.ask('committed', { life: this.life });
  }

  seek(offsets: InputOffsets): Promise<void> {
    return this.line.ask('seek', { life: this.life, offsets });
  }

  async poll(input: InputName, maxBytes: number, waitMs: number, mayBeOldMs = 0): Promise<Fetched> {
    const asked = { life: this.life, input, maxBytes, waitMs, mayBeOldMs };
    const { records, ...fetched } = await this.line.ask('poll', asked);
    return { ...fetched, records: unpackRead(records) };
  }

  commit({ records, ...unit }: UnitOfWork): Promise<void> {
    const packed = packNew(records);
    return this.line.ask('commit', { life: this.life, ...unit, records: packed }, buffersOf(packed));
  }
}

/** What a partition asks of the run's transport, through the line. */
export function lineTransport(
  line: Line<RunDoors>,
): Pick<Transport, 'partitionCount' | 'recordLimit' | 'reader' | 'endOffsets'> {
  return {
    partitionCount: (topic) => line.ask('partitionCount', topic),
    recordLimit: (topic) => line.ask('recordLimit', topic),
    endOffsets: (topic) => line.ask('endOffsets', topic),
    async reader(topics, from, partition) {
      const reader = await line.ask('reader', { topics, from, partition });
      return {
        poll: async (waitMs) => unpackTopics(await line.ask('pollReader', { reader, waitMs })),
        caughtUp: () => line.ask('caughtUpReader', reader),
        close: () => line.ask('closeReader', reader),
      };
    },
  };
}
