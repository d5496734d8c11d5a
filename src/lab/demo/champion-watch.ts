import type { Metrics } from '../../ports/metrics.js';
import type { Transport } from '../../ports/transport.js';
import { manifestsOf, readCatalogue, type SnapshotManifest } from '../../snapshot/index.js';

/** What has been published so far. */
export interface Published {
  readonly champion: SnapshotManifest | undefined;
  readonly snapshotCount: number;
}

/** Follows the published snapshots; reads their topic only when a run's metrics say that something was published. */
export class ChampionWatch {
  /** To be given to the run. */
  readonly metrics: Metrics = {
    count: (name) => {
      if (name === 'sluice_fits_total' || name === 'sluice_champion_changes_total') this.isStale = true;
    },
    gauge: () => undefined,
    observe: () => undefined,
    forget: () => undefined,
  };
  private isStale = false;
  private published: Published = { champion: undefined, snapshotCount: 0 };

  constructor(private readonly transport: Pick<Transport, 'reader'>) {}

  async current(): Promise<Published> {
    if (!this.isStale) return this.published;
    this.isStale = false;
    const catalogue = await readCatalogue(this.transport);
    const manifests = manifestsOf(catalogue);
    const champion = manifests.find(({ version }) => version === catalogue.pointer?.version);
    return (this.published = { champion, snapshotCount: manifests.length });
  }
}
