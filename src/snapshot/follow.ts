import { catchError, EMPTY, from, lastValueFrom } from 'rxjs';
import { SluiceError, messageOf, whyOf } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { Model, ModelLoader } from '../ports/model.js';
import type { ReadRecord, TopicReader, Transport } from '../ports/transport.js';
import { polled } from '../stream/polled.js';
import { serial } from '../stream/serial.js';
import { readToEnd } from '../stream/read-to-end.js';
import { fetchSnapshot } from './catalogue.js';
import { emptyFold, foldSnapshots, letGoOfBytes, manifestsOf, type SnapshotFold } from './fold.js';
import { leased, type LeasedModel } from './leased-model.js';
import type { SnapshotManifest } from './manifest.js';
import type { Keyring } from './signature.js';
import { unpack, wasLetGo, type Snapshot } from './unpack.js';

/** What a follower needs. */
export interface FollowerDeps {
  readonly transport: Pick<Transport, 'reader'>;
  readonly loader: ModelLoader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Snapshots of another feature set are refused. */
  readonly featureSetId: string;
  /** With keys, snapshots that none of them signed are refused. */
  readonly keyring?: Keyring | undefined;
  /** How often the background loop looks for a new champion; default 1,000. */
  readonly pollEveryMs?: number;
}

export type ChampionListener = (champion: Model, manifest: SnapshotManifest) => void;

/** Keeps the champion loaded that the snapshots topic points to. A snapshot that does not hold is refused and the champion stays. */
export interface SnapshotFollower {
  /**
   * The model that scores now; undefined before the first. It stays usable until the champion has changed twice after it,
   * and its closing waits for predictions under way.
   */
  champion(): Model | undefined;
  /** Why the snapshot that the topic points to does not score; undefined when it does. */
  refusal(): string | undefined;
  /** Manifest of {@link champion}. */
  manifest(): SnapshotManifest | undefined;
  /** The topic as seen so far; read only. */
  state(): SnapshotFold;
  manifests(): readonly SnapshotManifest[];
  /** Reads to the present end of the topic and loads the champion it points to. Throws what the transport throws. */
  catchUp(): Promise<void>;
  /** Follows in the background until closed. A failing transport is logged and tried again. */
  start(): void;
  /** Calls back after each change of champion; returns the way to stop that. */
  onChange(listener: ChampionListener): () => void;
  close(): Promise<void>;
}

const POLL_WAIT_MS = 100;
/** Newest versions whose bytes stay in memory: the one just announced and the one being read. */
const KEPT_IN_MEMORY = 2;
/** How old the knowledge may be that nothing was published, between two looks: a fetch that waits tells it once a second. */
const MAY_BE_OLD_MS = 3_000;

/** Makes a follower; nothing is read before {@link SnapshotFollower.catchUp} or {@link SnapshotFollower.start}. */
export function createSnapshotFollower(deps: FollowerDeps): SnapshotFollower {
  const { logger, metrics, featureSetId } = deps;
  const fold = emptyFold();
  const listeners = new Set<ChampionListener>();
  const stop = new AbortController();
  let reader: TopicReader | undefined;
  let current: { model: LeasedModel; manifest: SnapshotManifest } | undefined;
  // A batch that took the champion before a change may still call it after: one generation stays open.
  let before: LeasedModel | undefined;
  let appliedOffset = -1;
  let refusal: string | undefined;
  /** Versions that did not load, or failed at scoring, in this process. */
  const failed = new Set<string>();
  let loop: Promise<void> | undefined;
  /** One advance at a time: reader and fold have one owner. */
  const inTurn = serial();

  function take(records: readonly ReadRecord[]): void {
    foldSnapshots(fold, records);
    letGoOfBytes(fold, KEPT_IN_MEMORY);
  }

  async function advance(mayBeOldMs?: number): Promise<void> {
    try {
      reader ??= await deps.transport.reader(['snapshots'], 'earliest');
      await readToEnd(reader, POLL_WAIT_MS, take, () => stop.signal.aborted, mayBeOldMs);
    } catch (thrown) {
      // Folding is idempotent, so a new reader from the start repairs whatever state the old one was in.
      const broken = reader;
      reader = undefined;
      await broken?.close().catch(() => undefined);
      throw thrown;
    }
    if (!stop.signal.aborted) await applyPointer();
  }

  async function applyPointer(): Promise<void> {
    const pointer = fold.pointer;
    if (pointer === undefined || pointer.offset === appliedOffset) return;
    appliedOffset = pointer.offset;
    // Who points to a version again wants it tried again.
    failed.delete(pointer.version);
    await takeFirstSound([pointer.version, ...[...pointer.line].reverse()]);
  }

  /** Takes the first version that loads; without one, and with a champion that is sound, that one stays. */
  async function takeFirstSound(versions: readonly string[]): Promise<void> {
    for (const version of versions) {
      if (failed.has(version)) continue;
      if (version === current?.manifest.version) {
        refusal = undefined;
        return;
      }
      const loaded = await loadedOf(version);
      if (loaded) return publish(loaded);
      if (champion() !== undefined) return;
    }
  }

  async function loadedOf(version: string): Promise<typeof current> {
    try {
      const snapshot: Snapshot = wasLetGo(fold, version)
        ? await fetchSnapshot(deps.transport, version, featureSetId, deps.keyring)
        : unpack(fold, version, featureSetId, deps.keyring);
      const model: Model = await deps.loader.load(snapshot.onnx, version, featureSetId);
      const { columns } = snapshot.manifest;
      if (model.columnCount !== undefined && model.columnCount !== columns.length) {
        await model.close();
        throw new SluiceError('snapshot-refused', {
          version,
          why: `it takes ${model.columnCount} columns, the feature set has ${columns.length}`,
        });
      }
      return { model: leased(model, (why) => fallBack(version, why)), manifest: snapshot.manifest };
    } catch (thrown) {
      failed.add(version);
      refuse(version, thrown);
      return undefined;
    }
  }

  /** A champion that fails at scoring scores no more: the one before it does, or the prior until there is one. */
  function fallBack(version: string, why: string): void {
    if (failed.has(version)) return;
    failed.add(version);
    metrics.forget({ version });
    refuse(version, new SluiceError('snapshot-refused', { version, why }));
    void inTurn(() => takeFirstSound([...(fold.pointer?.line ?? [])].reverse())).catch((thrown: unknown) =>
      logger.error('no champion to fall back to', { reason: messageOf(thrown) }),
    );
  }

  function champion(): LeasedModel | undefined {
    return current && !failed.has(current.manifest.version) ? current.model : undefined;
  }

  function publish(next: { model: LeasedModel; manifest: SnapshotManifest }): void {
    const retired = before;
    const replaced = current?.manifest;
    before = current?.model;
    current = next;
    refusal = undefined;
    retired
      ?.close()
      .catch((thrown: unknown) => logger.warn('a retired model did not close', { reason: messageOf(thrown) }));
    const { version, trainedOn, createdAtMs, learner } = next.manifest;
    logger.info('champion changed', { snapshotVersion: version, rows: trainedOn.rows, createdAtMs });
    metrics.count('sluice_champion_changes_total', 1);
    if (replaced !== undefined) metrics.forget({ version: replaced.version });
    metrics.gauge('sluice_snapshot_info', 1, { version, learner });
    metrics.gauge('sluice_champion_created_seconds', createdAtMs / 1000);
    for (const listener of listeners) listener(next.model, next.manifest);
  }

  function refuse(version: string, thrown: unknown): void {
    refusal = `${version}: ${messageOf(thrown)}`;
    const code = thrown instanceof SluiceError ? thrown.code : 'snapshot-refused';
    metrics.count('sluice_snapshots_refused_total', 1, { code });
    logger.error('snapshot refused', {
      code,
      snapshotVersion: version,
      champion: champion()?.snapshotVersion ?? 'none',
      reason: messageOf(thrown),
    });
  }

  const followed$ = polled(deps.clock, deps.pollEveryMs ?? 1_000, stop.signal, () =>
    from(inTurn(() => advance(MAY_BE_OLD_MS))).pipe(
      catchError((thrown: unknown) => {
        logger.warn('snapshots topic not readable, trying again', { reason: whyOf(thrown) });
        return EMPTY;
      }),
    ),
  );

  return {
    champion,
    refusal: () => refusal,
    manifest: () => (champion() ? current?.manifest : undefined),
    state: () => fold,
    manifests: () => manifestsOf(fold),
    catchUp: () => inTurn(() => advance()),
    start() {
      loop ??= lastValueFrom(followed$, { defaultValue: undefined });
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      stop.abort();
      await loop;
      await inTurn(() => Promise.resolve());
      await reader?.close();
      await Promise.all([before?.close(), current?.model.close()]);
    },
  };
}
