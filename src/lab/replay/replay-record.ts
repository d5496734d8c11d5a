import type { Accounting } from '../../app/accounting.js';
import { keptRecords } from '../../app/kept-records.js';
import type { Config } from '../../config/schema.js';
import { APPLICATION_HEADER } from '../../pipeline/checkpoint/owner.js';
import type { Transport } from '../../ports/transport.js';
import type { ReplayRange } from './range.js';

/** What a replay cost. */
export interface ReplayCost {
  readonly wallMs: number;
  /** Of this process with all of its threads, fits included. */
  readonly cpuMs: number;
  /** Records and bytes written, by topic. */
  readonly written: Readonly<Record<string, { readonly records: number; readonly bytes: number }>>;
}

/** What a replay was asked for and came to, kept on its own checkpoints topic. */
export interface ReplayRecord {
  readonly name: string;
  readonly application: string;
  readonly range: ReplayRange;
  /** Changes of the configuration, as they were given: `selection.budget=0.05`. */
  readonly sets: readonly string[];
  /** How its records are written. */
  readonly wire: Config['wire'];
  /** Version of the application's champion that it began with; null: with none. */
  readonly champion: string | null;
  readonly startedAtMs: number;
  /** null: it has not come to its end. */
  readonly finished: {
    readonly atMs: number;
    readonly cost: ReplayCost;
    readonly accounting: Accounting;
  } | null;
}

const keyOf = (application: string): string => `${application}/replay/`;

/** The record of a replay; undefined: none of that name was begun. */
export async function readReplayRecord(
  transport: Pick<Transport, 'reader'>,
  application: string,
): Promise<ReplayRecord | undefined> {
  return [...(await keptRecords<ReplayRecord>(transport, keyOf(application))).values()].at(-1);
}

/** Writes it down, in place of what stands there. */
export async function keepReplayRecord(transport: Pick<Transport, 'append'>, record: ReplayRecord): Promise<void> {
  const utf8 = new TextEncoder();
  await transport.append([
    {
      topic: 'checkpoints',
      partition: 0,
      key: utf8.encode(keyOf(record.application)),
      value: utf8.encode(JSON.stringify(record)),
      headers: { [APPLICATION_HEADER]: record.application },
    },
  ]);
}
