import { whyOf } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Transport } from '../../ports/transport.js';
import { appendSnapshot, promoted, readCatalogue, sealManifest, unpack, type Keyring } from '../../snapshot/index.js';

/** What the search needs. */
export interface ThenDeps {
  readonly source: Pick<Transport, 'reader'>;
  readonly own: Pick<Transport, 'publish'>;
  readonly featureSetId: string;
  readonly keyring: Keyring | undefined;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info'>;
}

/**
 * Gives a replay the champion that the application had at a time: one of later would have learned from what it is to judge.
 * @returns its version there; null where there was none, its bytes are gone, or it is of another feature set
 */
export async function takeChampionOf(
  atMs: number,
  { source, own, featureSetId, keyring, clock, logger }: ThenDeps,
): Promise<string | null> {
  const state = await readCatalogue(source);
  const version = state.pointer?.changes.findLast((change) => change.atMs <= atMs)?.version;
  if (version === undefined) return null;
  try {
    const { manifest, onnx } = unpack(state, version, featureSetId, keyring);
    const {
      version: _version,
      bytes: _bytes,
      sha256: _sha256,
      chunkCount: _chunks,
      chunkBytes: _chunk,
      ...draft
    } = manifest;
    const why = `${version}, the champion when the warm-up begins`;
    // Not fitted by the replay: its own fits count from its own first sample.
    const trainedOn = { ...draft.trainedOn, seen: null, seenBy: null, untilOffsets: { training: [], audit: [] } };
    const copy = sealManifest({ ...draft, trainedOn, parent: null }, onnx, 1);
    const author = { by: 'operator', who: null, why, atMs: clock.nowMs() } as const;
    await appendSnapshot(own, copy, onnx, promoted(undefined, copy.version, author), keyring);
    return version;
  } catch (thrown) {
    logger.info('the replay begins without the champion of then', { snapshotVersion: version, why: whyOf(thrown) });
    return null;
  }
}
