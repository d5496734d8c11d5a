import type { Transport } from '../ports/transport.js';
import { readToEnd } from '../stream/read-to-end.js';
import { emptyFold, foldSnapshots, type SnapshotFold } from './fold.js';
import type { Keyring } from './signature.js';
import { unpack, type Snapshot } from './unpack.js';

/** Longest wait of one poll while catching up. */
const POLL_WAIT_MS = 200;

/**
 * Reads the whole snapshots topic as it stands, bytes of every version included: for listing, showing and fetching from
 * the command line, not for a long-lived process (that one follows).
 */
export async function readCatalogue(transport: Pick<Transport, 'reader'>): Promise<SnapshotFold> {
  const reader = await transport.reader(['snapshots'], 'earliest');
  try {
    const state = emptyFold();
    await readToEnd(reader, POLL_WAIT_MS, (records) => foldSnapshots(state, records));
    return state;
  } finally {
    await reader.close();
  }
}

/** Fetches one verified snapshot. Throws `snapshot-unknown` or `snapshot-refused`. */
export async function fetchSnapshot(
  transport: Pick<Transport, 'reader'>,
  version: string,
  featureSetId?: string,
  keyring?: Keyring,
): Promise<Snapshot> {
  return unpack(await readCatalogue(transport), version, featureSetId, keyring);
}
