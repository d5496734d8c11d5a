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
  /** To be given to the run: the same metrics, seen on their way. */
  readonly metrics: Metrics;
  private isStale = false;
  private published: Published = { champion: undefined, snapshotCount: 0 };

  constructor(
    private readonly transport: Pick<Transport, 'reader'>,
    inner: Metrics,
  ) {
    this.metrics = {
      count: (name, by, labels) => {
        if (name === 'sluice_fits_total' || name === 'sluice_champion_changes_total') this.isStale = true;
        inner.count(name, by, labels);
      },
      gauge: (name, value, labels) => inner.gauge(name, value, labels),
      observe: (name, value, labels) => inner.observe(name, value, labels),
      forget: (labels) => inner.forget(labels),
    };
  }

  async current(): Promise<Published> {
    if (!this.isStale) return this.published;
    this.isStale = false;
    const catalogue = await readCatalogue(this.transport);
    const manifests = manifestsOf(catalogue);
    const champion = manifests.find(({ version }) => version === catalogue.pointer?.version);
    return (this.published = { champion, snapshotCount: manifests.length });
  }
}
