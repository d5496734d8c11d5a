import { APPLICATION_HEADER } from '../../pipeline/checkpoint/owner.js';
import type { NewRecord, Transport } from '../../ports/transport.js';
import { keptRecords } from '../kept-records.js';

/** One change that somebody made over HTTP, as the topic keeps it. */
export interface ControlRecord {
  /** Epoch ms. */
  readonly atMs: number;
  readonly action: string;
  /** As they said; null: they did not. */
  readonly who: string | null;
  /** Address that it came from. */
  readonly from: string;
  readonly why: string;
  /** `host:process` that was asked. */
  readonly instance: string;
  /** What was to be done: version, or options with both values. */
  readonly what: Readonly<Record<string, unknown>>;
  /** `asked` stays where the process ended before it was done. */
  readonly outcome: 'asked' | 'done' | 'failed';
  readonly result: string;
}

const utf8 = new TextEncoder();

/** Writes a record; a later one with the same id takes its place. Durable when it resolves. */
export async function writeControl(
  transport: Pick<Transport, 'append'>,
  application: string,
  id: string,
  record: ControlRecord,
): Promise<void> {
  const entry: NewRecord = {
    topic: 'checkpoints',
    partition: 0,
    key: utf8.encode(`${prefixOf(application)}${id}`),
    value: utf8.encode(JSON.stringify(record)),
    headers: { [APPLICATION_HEADER]: application },
  };
  await transport.append([entry]);
}

/** Every change of an application, oldest first. */
export async function readControls(
  transport: Pick<Transport, 'reader'>,
  application: string,
): Promise<readonly ControlRecord[]> {
  const found = await keptRecords<ControlRecord>(transport, prefixOf(application));
  return [...found.values()].sort((a, b) => a.atMs - b.atMs);
}

function prefixOf(application: string): string {
  return `${application}/control/`;
}
