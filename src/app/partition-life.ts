import { defer, finalize, type Observable, tap } from 'rxjs';
import type { Counts } from '../pipeline/progress/counts.js';
import type { PartitionLease } from '../ports/transport.js';
import type { Decided } from './console/selection-tally.js';
import type { Ground } from './open-run.js';
import { chainOf, type Sign } from './partition-chain.js';
import type { PartitionLook } from './partition-look.js';
import { longestStandMs, ReleaseWatch } from './release-watch.js';
import type { Describe } from './serving/describer.js';
import type { Tapped } from './tap/where.js';

/** What a partition needs of the run around it. */
type Surroundings = Pick<
  Ground,
  | 'config'
  | 'options'
  | 'clock'
  | 'transport'
  | 'parts'
  | 'gate'
  | 'seen'
  | 'identifyingIds'
  | 'ownParts'
  | 'placement'
  | 'threads'
  | 'looks'
>;

/**
 * One life of a partition, from its restore to the end of its input, the abort or a failure: its signs of life, and what the
 * run around it is told of them.
 */
export function lifeOf(lease: PartitionLease, around: Surroundings, signal: AbortSignal): Observable<Sign> {
  return defer(() => {
    const { partition } = lease;
    const { options, gate } = around;
    const { watcher } = options;
    watcher?.restoring(partition);
    const champion = gate.champion(partition, signal);
    const shown = watcher && {
      selected: (decided: Decided) => watcher.selected(partition, decided),
      gave: (stage: string, output: unknown) => watcher.gave?.(partition, stage, output),
      tapped: (stage: string, records: readonly Tapped[]) => watcher.tapped?.(partition, stage, records),
    };
    const given = { champion, ...(shown ? { shown } : {}) };
    const chain$ =
      around.threads?.chain({ lease, signal, ...given }) ?? chainOf(lease, { ...around, ...given }, signal);
    return told(partition, chain$, around);
  });
}

/** Tells the run of a chain's signs of life. */
function told(partition: number, signs$: Observable<Sign>, around: Surroundings): Observable<Sign> {
  const { config, options, clock, seen, identifyingIds, placement, looks } = around;
  const { health, onProgress, watcher } = options;
  let releases: ReleaseWatch | undefined;
  let placed: Readonly<Counts> | undefined;
  let describe: Describe | undefined;
  const begun = (look: PartitionLook): void => {
    releases = new ReleaseWatch(partition, health, longestStandMs(config.join), clock.monotonicMs());
    placed = { ...look.counts };
    watcher?.restored(partition, look);
    seen.take(partition, () => look.counts.samplesSeen);
  };
  const committed = (look: PartitionLook): void => {
    health.relieve(`partition-${partition}`);
    releases?.observe(look, clock.monotonicMs());
    if (placed) placement.observe(placed, look.counts);
    placed = { ...look.counts };
    identifyingIds.observe(look.counts);
    onProgress?.(seen.total(), null);
    watcher?.committed(partition);
  };
  return signs$.pipe(
    tap((sign) => {
      if (sign.kind === 'restored') {
        begun(sign.look);
        looks.take(partition, (describe = sign.describe));
      } else if (sign.kind === 'unit') committed(sign.look);
    }),
    finalize(() => {
      releases?.end();
      if (describe) looks.drop(partition, describe);
    }),
  );
}
