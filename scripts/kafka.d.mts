export interface BrokerNode {
  readonly id: number;
  readonly pid: number | undefined;
  readonly port: number;
  start(): Promise<void>;
  /** SIGTERM, and SIGKILL when it does not end. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface BrokerCluster {
  /** Comma-separated bootstrap servers. */
  readonly brokers: string;
  readonly nodes: readonly BrokerNode[];
  stop(): Promise<void>;
}

export function startBroker(options?: {
  readonly nodes?: number;
  readonly port?: number;
  readonly dir?: string;
  readonly detached?: boolean;
}): Promise<BrokerCluster>;

export function freePort(): Promise<number>;
