import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import { startBroker, type BrokerNode } from '../broker/index.js';
import { Door } from './door.js';

/** Two may not be away at once: the cluster would rightly refuse writes. */
const NODE_COUNT = 3;
const LOOK_EVERY_MS = 250;

/** Three brokers of our own, with a door to each broker for every processor. */
export interface ChaosCluster {
  /** Bootstrap servers past all doors. */
  readonly brokers: string;
  readonly nodes: readonly BrokerNode[];
  /** The doors of one processor, one to each broker. */
  readonly doorsOf: (slot: number) => readonly Door[];
  /** Bootstrap servers of one processor. */
  readonly brokersOf: (slot: number) => string;
  /** Waits until every replica is in sync. @returns false when aborted before */
  readonly settled: (signal: AbortSignal) => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts three brokers on free ports of loopback.
 * @throws SluiceError `kafka-failed` when there can be none
 */
export async function startChaosCluster(dir: string, slotCount: number, clock: Clock): Promise<ChaosCluster> {
  const cluster = await startBroker({ nodes: NODE_COUNT, dir, doorCount: slotCount }).catch((thrown: unknown) => {
    throw new SluiceError('kafka-failed', {
      why: `no brokers could be started (Java 17 and Maven are needed): ${messageOf(thrown)}`,
    });
  });
  const slots = Array.from({ length: slotCount }, (_, slot) => slot);
  const doors = slots.map((slot) => cluster.nodes.map((node) => new Door(node.doors[slot]!.listens, clock)));
  await Promise.all(
    slots.flatMap((slot) => cluster.nodes.map((node, n) => doors[slot]![n]!.listen(node.doors[slot]!.advertises))),
  );
  return {
    brokers: cluster.brokers,
    nodes: cluster.nodes,
    doorsOf: (slot) => doors[slot]!,
    brokersOf: (slot) => cluster.nodes.map((node) => `127.0.0.1:${node.doors[slot]!.advertises}`).join(','),
    settled: async (signal) => {
      while (!(await cluster.inSync())) if (!(await clock.sleep(LOOK_EVERY_MS, signal))) return false;
      return !signal.aborted;
    },
    stop: async () => {
      await Promise.all(doors.flat().map((door) => door.close()));
      await cluster.stop();
    },
  };
}
