import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedChaos } from './chaos/embedded.js';
import { KafkaChaos } from './chaos/kafka.js';
import type { ChaosOptions } from './chaos/options.js';
import type { ChaosProof } from './chaos/proof.js';

export type { ChaosOptions } from './chaos/options.js';
export type { ChaosProof } from './chaos/proof.js';

/**
 * Runs the same simulated events through two applications, in child processes: one unbroken, the other one harmed again and
 * again and started anew. Then compares what a committed reader sees of both, row by row.
 * @returns undefined when aborted
 * @throws SluiceError `child-failed` when a child that nothing is done to ends otherwise than well
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosProof | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-'));
  try {
    const chaos = options.transport === 'kafka' ? new KafkaChaos(options, folder) : new EmbeddedChaos(options, folder);
    return await chaos.prove();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
