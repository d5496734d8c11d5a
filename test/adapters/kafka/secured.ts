import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type SecuredAccess } from '../../../scripts/kafka.mjs';

export interface SecuredBroker {
  /** The plain listener, where everything is allowed. */
  readonly brokers: string;
  readonly secured: SecuredAccess;
  stop(): Promise<void>;
}

/** A broker with secured listeners: the one that runs in KAFKA_SECURED_DIR, else one of our own. */
export async function securedBroker(): Promise<SecuredBroker> {
  const running = join(process.env['KAFKA_SECURED_DIR'] ?? '', 'brokers.json');
  if (process.env['KAFKA_SECURED_DIR'] && existsSync(running)) {
    const state = JSON.parse(readFileSync(running, 'utf8')) as Omit<SecuredBroker, 'stop'>;
    return { ...state, stop: () => Promise.resolve() };
  }
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
