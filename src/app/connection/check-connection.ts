import { silentLogger } from '../../adapters/memory/index.js';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import type { Finding } from './finding.js';
import { kafkaFindings } from './kafka-findings.js';
import { fileFindings, keyFinding, registryFindings, storeFindings } from './local-findings.js';

export type { Finding } from './finding.js';

/**
 * Looks, from this machine and as this user, at all that a start under a config needs: brokers, topics, rights, store, registry,
 * key, files, clock. Writes no record and makes no topic, file or key. Never throws: what goes wrong is a finding.
 */
export async function* checkConnection(config: Config, { clock }: { readonly clock: Clock }): AsyncGenerator<Finding> {
  const deps = { logger: silentLogger, clock };
  if (config.transport.kind === 'kafka') yield* kafkaFindings(config, deps);
  else yield* storeFindings(config, deps);
  yield* registryFindings(config, deps);
  yield* keyFinding(config, deps);
  yield* fileFindings(config);
}
