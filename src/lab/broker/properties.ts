import { join } from 'node:path';
import { HOST } from './ports.js';
import type { SecuredProperties } from './secured.js';

/** A listener for proxies: where the node listens, and the port that it tells clients of this listener. */
export interface DoorPorts {
  readonly listens: number;
  readonly advertises: number;
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** What the settings of one node depend on. */
export interface NodeFacts {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** All controllers, as Kafka writes them. */
  readonly voters: string;
  /** Folder of the cluster. */
  readonly folder: string;
  readonly nodeCount: number;
  readonly doors: readonly DoorPorts[];
  readonly secured: SecuredProperties | undefined;
  /** Makes further ones out of these; they win. */
  readonly settings?: ((given: Settings) => Settings) | undefined;
}

/** The settings of one node. Without the factors at the number of nodes, groups and transactions hang without a word. */
export function nodeProperties(facts: NodeFacts): string {
  const { id, port, controllerPort, voters, folder, nodeCount, doors, secured, settings } = facts;
  const factor = Math.min(nodeCount, 3);
  const inSync = Math.max(1, factor - 1);
  const given: Settings = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters,
    listeners: [
      `PLAINTEXT://${HOST}:${port}`,
      `CONTROLLER://${HOST}:${controllerPort}`,
      ...doors.map(({ listens }, index) => `DOOR${index}://${HOST}:${listens}`),
      ...(secured?.listeners ?? []),
    ].join(','),
    'advertised.listeners': [
      `PLAINTEXT://${HOST}:${port}`,
      ...doors.map(({ advertises }, index) => `DOOR${index}://${HOST}:${advertises}`),
      ...(secured?.listeners ?? []),
    ].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': [
      'PLAINTEXT:PLAINTEXT',
      'CONTROLLER:PLAINTEXT',
      ...doors.map((_, index) => `DOOR${index}:PLAINTEXT`),
      ...(secured?.protocols ?? []),
    ].join(','),
    'log.dirs': join(folder, `node-${id}`),
    'default.replication.factor': factor,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': factor,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'auto.create.topics.enable': false,
    'num.partitions': 1,
    ...secured?.settings,
  };
  return Object.entries({ ...given, ...settings?.(given) })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}
