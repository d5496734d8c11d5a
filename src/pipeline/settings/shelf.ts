import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { LogRecord, NewRecord, Transport } from '../../ports/transport.js';
import { APPLICATION_HEADER, keyPrefix, type Owner } from '../checkpoint/owner.js';
import { orderedText, settingsText, type AdmissionSettings, type NamedSettings } from './admission.js';
import type { NamedSelection, SelectionSettings } from './selection.js';

/** What an application keeps in the checkpoints topic for one partition. */
export interface Shelf {
  /** Settings that some of the partition's input was read under, by id. They are written with the first transaction under them. */
  readonly settings: ReadonlyMap<string, AdmissionSettings>;
  /** Ids of the selection settings that some of its samples were kept under. */
  readonly selections: ReadonlySet<string>;
  /** The whole config of the last start; undefined where none was written down. */
  readonly config: unknown;
  /** Chunks of the checkpoints that were asked for. */
  readonly chunks: readonly LogRecord[];
}

const SETTINGS_HEADER = 'sluice.settings';
const SELECTION_HEADER = 'sluice.selection';
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

/** The record that keeps selection settings: as long as the samples that name them may be read, whatever is begun anew. */
export function selectionRecord(owner: Owner, { id, settings }: NamedSelection): NewRecord {
  return {
    topic: 'checkpoints',
    partition: owner.partition,
    key: utf8.encode(`${keyPrefix(owner)}selection/${id}`),
    value: utf8.encode(orderedText(settings)),
    headers: { [APPLICATION_HEADER]: owner.application, [SELECTION_HEADER]: id },
  };
}

/** The record that keeps the config of the last start, as it may be shown: it stands on a topic that others read. */
export function configRecord(owner: Owner, shown: unknown): NewRecord {
  return {
    topic: 'checkpoints',
    partition: owner.partition,
    key: utf8.encode(`${keyPrefix(owner)}config`),
    value: utf8.encode(JSON.stringify(shown)),
    headers: { [APPLICATION_HEADER]: owner.application, [CONFIG_HEADER]: '1' },
  };
}

/** True when a kept config says what another one does, as it may be shown. */
export function sameConfig(kept: unknown, shown: unknown): boolean {
  return kept !== undefined && orderedText(kept) === orderedText(shown);
}

/**
 * Holds an application to the topics it reads: its offsets mean nothing in others.
 * @param kept config of the last start; undefined: none was written down
 * @throws settings-changed
 */
export function refuseOtherInputs(kept: unknown, { transport }: Pick<Config, 'transport'>): void {
  if (kept === undefined) return;
  const before = (kept as { readonly transport?: Partial<Config['transport']> }).transport?.repartition ?? 'none';
  const after = transport.repartition;
  if (before === after) return;
  throw new SluiceError('settings-changed', {
    changes: `transport.repartition was "${before}" and is "${after}"`,
  });
}

/** Keys of everything an owner keeps for its restarts. */
export async function readShelfKeys(
  transport: Pick<Transport, 'reader'>,
  owner: Owner,
): Promise<readonly Uint8Array[]> {
  const keys = new Map<string, Uint8Array>();
  await eachRecord(transport, owner, ({ key, value, headers }) => {
    if (!key || headers[SELECTION_HEADER] !== undefined) return;
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
  checkpointIds: readonly (number | string)[],
): Promise<Shelf> {
  const wanted = new Set<string | undefined>(checkpointIds.map(String));
  const settings = new Map<string, AdmissionSettings>();
  const selections = new Set<string>();
  let config: unknown;
  const chunks: LogRecord[] = [];
  await eachRecord(transport, owner, (record) => {
    const { headers, key, value } = record;
    const id = headers[SETTINGS_HEADER];
    const selection = headers[SELECTION_HEADER];
    if (!value) {
      settings.delete(idOfKey(key));
      if (idOfKey(key) === 'config') config = undefined;
    } else if (headers[CONFIG_HEADER] !== undefined) config = JSON.parse(Buffer.from(value).toString());
    else if (selection !== undefined) selections.add(selection);
    else if (id !== undefined) settings.set(id, JSON.parse(Buffer.from(value).toString()) as AdmissionSettings);
    else if (wanted.has(headers['sluice.checkpointId'])) chunks.push(record);
  });
  return { settings, selections, config, chunks };
}

/** Selection settings that were recorded, and the first time that a partition did, epoch ms. */
export interface RecordedSelection {
  readonly settings: SelectionSettings;
  readonly sinceMs: number;
}

/** All selection settings that samples of an application were kept under, by id, oldest first. */
export async function readSelections(
  transport: Pick<Transport, 'reader'>,
  application: string,
): Promise<ReadonlyMap<string, RecordedSelection>> {
  const found = new Map<string, RecordedSelection>();
  const reader = await transport.reader(['checkpoints'], 'earliest');
  try {
    while (!(await reader.caughtUp())) {
      for (const { headers, value, timestampMs } of await reader.poll(POLL_WAIT_MS)) {
        const id = headers[SELECTION_HEADER];
        if (id === undefined || value === null || headers[APPLICATION_HEADER] !== application) continue;
        const sinceMs = Math.min(timestampMs, found.get(id)?.sinceMs ?? Infinity);
        found.set(id, { settings: JSON.parse(Buffer.from(value).toString()) as SelectionSettings, sinceMs });
      }
    }
  } finally {
    await reader.close();
  }
  return new Map([...found].sort(([, left], [, right]) => left.sinceMs - right.sinceMs));
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
