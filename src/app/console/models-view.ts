import type { ColumnGain, ModelsView, ModelSummary, ModelView } from '../../console/api.js';
import type { SnapshotFollower, SnapshotManifest } from '../../snapshot/index.js';

type Followed = Pick<SnapshotFollower, 'manifest' | 'manifests' | 'state' | 'refusal'>;

/** Every snapshot on the topic, newest first, and who was champion when. */
export function modelsView(follower: Followed): ModelsView {
  const champion = follower.manifest()?.version ?? null;
  const { pointer } = follower.state();
  return {
    champion,
    isPinned: pointer?.isPinned ?? false,
    refusal: follower.refusal() ?? null,
    models: [...follower.manifests()].reverse().map((manifest) => summaryOf(manifest, champion)),
    changes: [...(pointer?.changes ?? [])].reverse(),
  };
}

/** One snapshot beside the champion of its time and that of now; undefined when there is none of that version. */
export function modelView(follower: Followed, version: string): ModelView | undefined {
  const manifest = follower.manifests().find((one) => one.version === version);
  if (!manifest) return undefined;
  const champion = follower.manifest();
  return {
    model: summaryOf(manifest, champion?.version ?? null),
    decision: manifest.decision,
    candidate: manifest.metrics.candidate,
    champion: manifest.metrics.champion,
    parent: manifest.parent,
    calibration: manifest.calibration?.reason ?? null,
    columns: columnsOf(manifest, champion?.version === version ? undefined : champion),
  };
}

/** Another text when the list would be another one. */
export function modelsSignature(follower: Followed): string {
  return `${follower.state().pointer?.offset ?? ''} ${follower.manifest()?.version ?? ''} ${follower.manifests().length} ${follower.manifests().at(-1)?.version ?? ''}`;
}

function summaryOf(manifest: SnapshotManifest, champion: string | null): ModelSummary {
  const { version, createdAtMs, learner, trainedOn, fitMs, bytes, decision, metrics } = manifest;
  const overall = metrics.candidate?.overall;
  return {
    version,
    createdAtMs,
    learner,
    rows: trainedOn.rows,
    positives: trainedOn.positives,
    fitMs,
    bytes,
    isChampion: version === champion,
    outcome: decision.outcome,
    reason: decision.reason,
    normalisedEntropy: overall?.normalisedEntropy ?? null,
    auc: overall?.auc ?? null,
    calibration: overall?.calibration ?? null,
  };
}

function columnsOf({ columns, gain }: SnapshotManifest, champion: SnapshotManifest | undefined): ColumnGain[] {
  const ofChampion = new Map(champion?.columns.map((column, at) => [column, champion.gain[at]]));
  return columns
    .map((column, at) => ({ column, gain: gain[at] ?? 0, championGain: ofChampion.get(column) ?? null }))
    .sort((a, b) => b.gain - a.gain);
}
