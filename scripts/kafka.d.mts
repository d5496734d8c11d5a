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
  /** Only of brokers started with `secured`. */
  readonly secured?: SecuredAccess;
  /** True when every replica of every partition is in sync. */
  inSync(): Promise<boolean>;
  stop(): Promise<void>;
}

/** A certificate and its key, as files in PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** The secured listeners of a cluster, and what to come with. */
export interface SecuredAccess {
  /** Bootstrap servers of each listener; `expired` and `elsewhere` show certificates that are so. */
  readonly brokers: Readonly<Record<'tls' | 'mtls' | 'sasl' | 'expired' | 'elsewhere', string>>;
  readonly certificates: {
    /** Of the authority that signed what the listeners show, and of one that signed nothing of it. */
    readonly ca: string;
    readonly otherCa: string;
    /** What the listeners show. */
    readonly server: CertificateFiles;
    readonly client: CertificateFiles;
    /** Another one of the same authority, and one of the other authority. */
    readonly renewed: CertificateFiles;
    readonly stranger: CertificateFiles;
  };
  readonly username: string;
  readonly password: string;
}

export function startBroker(options?: {
  readonly nodes?: number;
  readonly port?: number;
  readonly dir?: string;
  readonly detached?: boolean;
  readonly doorCount?: number;
  /** Further listeners with TLS and SASL, and ACLs for who comes by them with a name. */
  readonly secured?: boolean;
}): Promise<BrokerCluster>;

export function freePort(): Promise<number>;

/** Folder with Kafka's jars, fetched by Maven when absent. */
export function jars(): Promise<string>;
