import { messageOf } from '../../errors.js';
import { startBroker } from '../broker/index.js';

/** A broker for the bench: one that is there already, or one started for it. */
export interface BenchBroker {
  readonly brokers: string;
  readonly stop: () => Promise<void>;
}

/** The brokers that KAFKA_BROKERS names, else a broker started on loopback; text when there can be none. */
export async function benchBroker(folder: string, named: string | undefined): Promise<BenchBroker | string> {
  if (named !== undefined && named !== '') return { brokers: named, stop: () => Promise.resolve() };
  try {
    return await startBroker({ dir: folder });
  } catch (thrown) {
    return `no KAFKA_BROKERS, and no broker could be started (Java 17 and Maven are needed): ${messageOf(thrown).split('\n')[0]}`;
  }
}
