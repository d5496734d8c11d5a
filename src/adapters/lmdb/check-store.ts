import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.js';
import { storeFault } from './check-file.js';
import { structureFault } from './check-pages.js';
import { PAGE_BYTES } from './environment.js';
import { LmdbStore } from './lmdb-store.js';

/** What a check of a store found. */
export interface StoreReport {
  readonly topics: readonly { readonly name: string; readonly partitions: number; readonly records: number }[];
  /** What is damaged, at most {@link MOST_FAULTS} entries; empty: nothing. */
  readonly faults: readonly string[];
  /** False for a store that an earlier release made: its records have no checksums, so that only their structure was checked. */
  readonly hasChecksums: boolean;
}

const MOST_FAULTS = 20;
const READ_BYTES = 4_194_304;

/**
 * Reads a whole store: the structure of its file, then every record with its checksum and its place in its topic. Changes
 * nothing, and may run beside a run.
 * @throws store-missing when there is no store in the folder
 */
export async function checkStore(path: string, onTopic: (name: string) => void): Promise<StoreReport> {
  if (!existsSync(join(path, 'data.mdb'))) throw new SluiceError('store-missing', { why: `${path} holds none` });
  const fault = storeFault(path) ?? structureFault(join(path, 'data.mdb'), PAGE_BYTES);
  // The library must not see such a file.
  if (fault !== null) return { topics: [], faults: [fault], hasChecksums: true };
  const store = new LmdbStore(path);
  try {
    return readAll(store, onTopic);
  } finally {
    await store.close();
  }
}

function readAll(store: LmdbStore, onTopic: (name: string) => void): StoreReport {
  const faults: string[] = [];
  /** Runs a read; what it finds damaged is noted. @returns undefined then */
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof SluiceError) || thrown.code !== 'store-damaged') throw thrown;
      if (faults.length < MOST_FAULTS) faults.push(String(thrown.details['why']));
      return undefined;
    }
  };
  for (const key of store.factKeys('')) attempt(() => store.fact(key));
  const topics = store
    .factKeys('topic:')
    .map((key) => key.slice('topic:'.length))
    .map((name) => {
      onTopic(name);
      const partitions = attempt(() => store.topic(name)?.partitions) ?? 0;
      let records = 0;
      for (let partition = 0; partition < partitions; partition++) {
        let from: number | undefined = 0;
        while (from !== undefined && faults.length < MOST_FAULTS) {
          const at: number = from;
          const slice = attempt(() => store.read(name, partition, at, READ_BYTES));
          records += slice?.records.length ?? 0;
          from = slice && slice.nextOffset < slice.endOffset ? slice.nextOffset : undefined;
        }
      }
      return { name, partitions, records };
    });
  return { topics, faults, hasChecksums: store.hasChecksums };
}
