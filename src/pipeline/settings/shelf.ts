import type { LogRecord, NewRecord, Transport } from '../../ports/transport.js';
import { APPLICATION_HEADER, keyPrefix, type Owner } from '../checkpoint/owner.js';
import { settingsText, type AdmissionSettings, type NamedSettings } from './admission.js';

/** What an application keeps in the checkpoints topic for one partition. */
export interface Shelf {
  /** Settings that some of the partition's input was read under, by id. They are written with the first transaction under them. */
  readonly settings: ReadonlyMap<string, AdmissionSettings>;
  /** Chunks of the checkpoints that were asked for. */
  readonly chunks: readonly LogRecord[];
}

const SETTINGS_HEADER = 'sluice.settings';
/** How long one poll of the checkpoints topic waits. */
const POLL_WAIT_MS = 500;
const utf8 = new TextEncoder();

/** The record that keeps settings. */
export function settingsRecord(owner: Owner, { id, settings }: NamedSettings): NewRecord {
  return {
    topic: 'checkpoints',
    partition: owner.partition,
    key: utf8.encode(`${keyPrefix(owner)}settings/${id}`),
    value: utf8.encode(settingsText(settings)),
    headers: { [APPLICATION_HEADER]: owner.application, [SETTINGS_HEADER]: id },
  };
}

/** Reads an owner's settings and the chunks of some of its checkpoints. */
export async function readShelf(
  transport: Pick<Transport, 'reader'>,
  { application, partition }: Owner,
  checkpointIds: readonly number[],
): Promise<Shelf> {
  const wanted = new Set<string | undefined>(checkpointIds.map(String));
  const settings = new Map<string, AdmissionSettings>();
  const chunks: LogRecord[] = [];
  const reader = await transport.reader(['checkpoints'], 'earliest', partition);
  try {
    while (!(await reader.caughtUp())) {
      for (const record of await reader.poll(POLL_WAIT_MS)) {
        const { headers, value } = record;
        if (headers[APPLICATION_HEADER] !== application) continue;
        const id = headers[SETTINGS_HEADER];
        if (id !== undefined && value) settings.set(id, JSON.parse(Buffer.from(value).toString()) as AdmissionSettings);
        else if (wanted.has(headers['sluice.checkpointId'])) chunks.push(record);
      }
    }
  } finally {
    await reader.close();
  }
  return { settings, chunks };
}
