import { unpackRows } from '../bundle/pack.js';
import { POOLED, type PooledBundle } from '../bundle/sample.js';
import { POOL_BYTES, type PoolFacts } from '../events/pool-facts.js';
import { SURFACES } from '../events/words.js';
import type { ReadRecord, Transport } from '../ports/transport.js';
import type { RowsHeld } from './reservoir/rows-held.js';
import type { Unusable } from './usable.js';

/** Takes the records of the pool's topic, and has those forgotten that are too many. */
export interface PoolIntake {
  /** Next offset to take of each partition. */
  readonly next: readonly number[];
  take(record: ReadRecord): void;
  /** Tells the log which records of a partition nobody needs any more: the oldest beyond `mostBytes`. */
  forget(transport: Pick<Transport, 'discard'>): Promise<void>;
}

/** What of the learner it works on. */
export interface PoolDeps {
  readonly application: string;
  /** Default {@link POOL_BYTES}. */
  readonly mostBytes?: number | undefined;
  readonly featureSetId: string;
  readonly columnCount: number;
  readonly held: Pick<RowsHeld, 'pool'>;
  readonly skip: (reason: Unusable | 'undecodable', detail: string, rowCount?: number) => void;
}

/** A partition of the topic as far as it was read. */
interface Part {
  next: number;
  /** Bytes of the records that are still there. */
  bytes: number;
  readonly records: { readonly offset: number; readonly bytes: number }[];
  /** Offset before which records are too many; what the log was told. */
  keptFrom: number;
  toldFrom: number;
}

/** Makes an intake that has taken nothing yet. */
export function createPoolIntake({
  application,
  mostBytes = POOL_BYTES,
  featureSetId,
  columnCount,
  held,
  skip,
}: PoolDeps): PoolIntake {
  const parts: Part[] = [];

  function remember(part: Part, offset: number, bytes: number): void {
    part.records.push({ offset, bytes });
    part.bytes += bytes;
    let dropped = 0;
    while (part.bytes > mostBytes) part.bytes -= part.records[dropped++]!.bytes;
    if (dropped > 0) part.keptFrom = part.records.splice(0, dropped).at(-1)!.offset + 1;
  }

  function offer(value: Uint8Array): void {
    const read = unpackRows(POOLED, value);
    if (!read) return skip('undecodable', 'not rows of a pool');
    const { bundle } = read;
    const facts = read.facts as unknown as PoolFacts;
    if (facts.application !== application) return;
    const detail = `feature set ${String(facts.featureSetId)}, rows of the pool`;
    if (facts.featureSetId !== featureSetId) skip('feature-set', detail, bundle.rowCount);
    else if (bundle.columnCount !== columnCount) skip('columns', detail, bundle.rowCount);
    else if (!isWellFormed(bundle, facts)) skip('malformed', detail, bundle.rowCount);
    else held.pool(bundle, facts);
  }

  return {
    get next() {
      return parts.map(({ next }) => next);
    },
    take({ partition, offset, value }) {
      while (parts.length <= partition) parts.push({ next: 0, bytes: 0, records: [], keptFrom: 0, toldFrom: 0 });
      const part = parts[partition]!;
      if (offset < part.next) return;
      part.next = offset + 1;
      if (value === null) return;
      remember(part, offset, value.length);
      offer(value);
    },
    async forget(transport) {
      for (const [partition, part] of parts.entries()) {
        if (part.keptFrom === part.toldFrom) continue;
        await transport.discard?.('pool', partition, part.keptFrom);
        part.toldFrom = part.keptFrom;
      }
    },
  };
}

/** The topic is open to other producers, and one number that is none would spoil every fit. */
function isWellFormed(rows: PooledBundle, { ordinal, partition, partitionCount }: PoolFacts): boolean {
  return (
    [ordinal, partition, partitionCount].every((count) => Number.isSafeInteger(count) && count >= 0) &&
    rows.labels.every((label) => label <= 1) &&
    rows.folds.every((fold) => fold <= 1) &&
    rows.surfaces.every((surface) => surface < SURFACES.length) &&
    rows.timesMs.every(Number.isFinite) &&
    rows.weights.every((weight) => Number.isFinite(weight) && weight > 0) &&
    rows.offsets.every(Number.isFinite)
  );
}
