import type { NewRecord, ReadRecord } from '../../ports/transport.js';
import { APPLICATION_HEADER, type Owner } from '../checkpoint/owner.js';
import type { Delta, HeardDelta } from '../features/shared/delta.js';
import type { OwnDelta } from '../features/shared/shared-counters.js';

const utf8 = new TextEncoder();

/** The records of a delta, one a part; they belong in one transaction. */
export function deltaRecords({ application, partition }: Owner, delta: OwnDelta): NewRecord[] {
  const { number, fromMs, toMs, entersMs, seen } = delta;
  const headers = {
    [APPLICATION_HEADER]: application,
    'sluice.delta': [partition, number, fromMs, toMs, entersMs, seen].join(' '),
  };
  const key = utf8.encode(`${application}/${partition}`);
  return delta.parts.map((value) => ({ topic: 'counters', partition: 0, key, value, headers }));
}

/** What a record of an application says; undefined: it is another one's. */
export function deltaOf(application: string, record: ReadRecord): (Delta & HeardDelta) | undefined {
  const { headers, offset, value } = record;
  const text = headers['sluice.delta'];
  if (headers[APPLICATION_HEADER] !== application || text === undefined) return undefined;
  const [partition = NaN, number = NaN, fromMs = NaN, toMs = NaN, entersMs = NaN, seen = NaN] = text
    .split(' ')
    .map(Number);
  return { partition, number, fromMs, toMs, entersMs, seen, offset, packed: value ?? new Uint8Array(0) };
}
