import { freeBytesAt } from '../adapters/system/index.js';
import type { Config } from '../config/schema.js';
import type { Metrics } from '../ports/metrics.js';

/** Tells how much room is left on the disks that a run writes to, as of now; a system that does not say is left out. */
export function recordDisks({ transport, encoder }: Config, metrics: Metrics): void {
  const places: Readonly<Record<string, string | undefined>> = {
    working: '.',
    store: transport.kind === 'embedded' ? transport.path : undefined,
    vectors: encoder.enabled && encoder.cachePath !== '' ? encoder.cachePath : undefined,
  };
  for (const [disk, path] of Object.entries(places)) {
    const bytes = path === undefined ? null : freeBytesAt(path);
    if (bytes !== null) metrics.gauge('sluice_disk_free_bytes', bytes, { disk });
  }
}
