export interface BrokerNode {
  readonly id: number;
  readonly pid: number | undefined;
  readonly port: number;
  /** Listeners for proxies: where the node listens, and the port that it tells clients of this listener. */
  readonly doors: readonly { readonly listens: number; readonly advertises: number }[];
  start(): Promise<void>;
  /** SIGTERM, and SIGKILL when it does not end. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface BrokerCluster {
  /** Comma-separated bootstrap servers. */
  readonly brokers: string;
  readonly nodes: readonly BrokerNode[];
  /** True when every replica of every partition is in sync. */
  inSync(): Promise<boolean>;
  stop(): Promise<void>;
}

export function startBroker(options?: {
  readonly nodes?: number;
  readonly port?: number;
  readonly dir?: string;
  readonly detached?: boolean;
  readonly doorCount?: number;
}): Promise<BrokerCluster>;

export function freePort(): Promise<number>;
