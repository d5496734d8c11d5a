import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type SecuredAccess } from '../../../src/lab/broker/index.js';

export interface SecuredBroker {
  /** The plain listener, where everything is allowed. */
  readonly brokers: string;
  readonly secured: SecuredAccess;
  stop(): Promise<void>;
}

/** A broker with secured listeners: the suite's own, else (KAFKA_BROKERS names somebody's) one for this file alone. */
export async function securedBroker(): Promise<SecuredBroker> {
  const ofSuite = process.env['KAFKA_SECURED'];
  if (ofSuite !== undefined)
    return { ...(JSON.parse(ofSuite) as Omit<SecuredBroker, 'stop'>), stop: () => Promise.resolve() };
  const dir = mkdtempSync(join(tmpdir(), 'sluice-secured-'));
  const { brokers, secured, stop } = await startBroker({ dir, secured: true });
  return {
    brokers,
    secured: secured!,
    stop: async () => {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
