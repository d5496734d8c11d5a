import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as KafkaScript from '../../../scripts/kafka.mjs';
import { messageOf } from '../../errors.js';

/** A broker for the bench: one that is there already, or one started for it. */
export interface BenchBroker {
  readonly brokers: string;
  readonly stop: () => Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('../../../scripts/kafka.mjs', import.meta.url));

/** The brokers that KAFKA_BROKERS names, else a broker on loopback by `scripts/kafka.mjs`; text when there can be none. */
export async function benchBroker(folder: string, named: string | undefined): Promise<BenchBroker | string> {
  if (named !== undefined && named !== '') return { brokers: named, stop: () => Promise.resolve() };
  if (!existsSync(SCRIPT)) return 'no KAFKA_BROKERS, and scripts/kafka.mjs is not part of this installation';
  try {
    const { startBroker } = (await import(pathToFileURL(SCRIPT).href)) as typeof KafkaScript;
    return await startBroker({ dir: folder });
  } catch (thrown) {
    return `no KAFKA_BROKERS, and no broker could be started (Java 17 and Maven are needed): ${messageOf(thrown).split('\n')[0]}`;
  }
}
