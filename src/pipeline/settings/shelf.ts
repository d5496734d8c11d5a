import type { Config } from '../../config/schema.js';
import type { LogRecord, NewRecord, Transport } from '../../ports/transport.js';
import { APPLICATION_HEADER, keyPrefix, type Owner } from '../checkpoint/owner.js';
import { orderedText, settingsText, type AdmissionSettings, type NamedSettings } from './admission.js';

/** What an application keeps in the checkpoints topic for one partition. */
export interface Shelf {
  /** Settings that some of the partition's input was read under, by id. They are written with the first transaction under them. */
  readonly settings: ReadonlyMap<string, AdmissionSettings>;
  /** The whole config of the last start; undefined where none was written down. */
  readonly config: unknown;
  /** Chunks of the checkpoints that were asked for. */
  readonly chunks: readonly LogRecord[];
}

const SETTINGS_HEADER = 'sluice.settings';
const CONFIG_HEADER = 'sluice.config';
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

/** The record that keeps the config of the last start. It holds no secrets: those are named by their variables. */
export function configRecord(owner: Owner, config: Config): NewRecord {
  return {
    topic: 'checkpoints',
    partition: owner.partition,
    key: utf8.encode(`${keyPrefix(owner)}config`),
    value: utf8.encode(JSON.stringify(config)),
    headers: { [APPLICATION_HEADER]: owner.application, [CONFIG_HEADER]: '1' },
  };
}

/** True when a kept config says what another one does. */
export function sameConfig(kept: unknown, config: Config): boolean {
  return kept !== undefined && orderedText(kept) === orderedText(JSON.parse(JSON.stringify(config)));
}

/** Keys of everything an owner keeps. */
export async function readShelfKeys(
  transport: Pick<Transport, 'reader'>,
  owner: Owner,
): Promise<readonly Uint8Array[]> {
  const keys = new Map<string, Uint8Array>();
  await eachRecord(transport, owner, ({ key, value }) => {
    if (!key) return;
    const name = Buffer.from(key).toString('latin1');
    if (value) keys.set(name, key);
    else keys.delete(name);
  });
  return [...keys.values()];
}

/** Reads an owner's settings and the chunks of some of its checkpoints. */
export async function readShelf(
  transport: Pick<Transport, 'reader'>,
  owner: Owner,
  checkpointIds: readonly number[],
): Promise<Shelf> {
  const wanted = new Set<string | undefined>(checkpointIds.map(String));
  const settings = new Map<string, AdmissionSettings>();
  let config: unknown;
  const chunks: LogRecord[] = [];
  await eachRecord(transport, owner, (record) => {
    const { headers, key, value } = record;
    const id = headers[SETTINGS_HEADER];
    if (!value) {
      settings.delete(idOfKey(key));
      if (idOfKey(key) === 'config') config = undefined;
    } else if (headers[CONFIG_HEADER] !== undefined) config = JSON.parse(Buffer.from(value).toString());
    else if (id !== undefined) settings.set(id, JSON.parse(Buffer.from(value).toString()) as AdmissionSettings);
    else if (wanted.has(headers['sluice.checkpointId'])) chunks.push(record);
  });
  return { settings, config, chunks };
}

function idOfKey(key: Uint8Array | null): string {
  return key ? Buffer.from(key).toString().split('/').at(-1)! : '';
}

/** Goes through the records of an owner, and through those that only take away what stood under their key. */
async function eachRecord(
  transport: Pick<Transport, 'reader'>,
  owner: Owner,
  see: (record: LogRecord) => void,
): Promise<void> {
  const reader = await transport.reader(['checkpoints'], 'earliest', owner.partition);
  const prefix = keyPrefix(owner);
  try {
    while (!(await reader.caughtUp())) {
      for (const record of await reader.poll(POLL_WAIT_MS)) {
        if (record.key && Buffer.from(record.key).toString().startsWith(prefix)) see(record);
      }
    }
  } finally {
    await reader.close();
  }
}
