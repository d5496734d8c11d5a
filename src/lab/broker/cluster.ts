import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { answersWith, replicasInSync } from '../../adapters/kafka/index.js';
import { systemClock } from '../../adapters/system/index.js';
import { messageOf } from '../../errors.js';
import { jars } from './jars.js';
import { BrokerNode } from './node.js';
import { freePort, HOST, refuseTakenPort } from './ports.js';
import { nodeProperties, type DoorPorts, type NodeFacts } from './properties.js';
import {
  makeCertificates,
  scramWords,
  SECURED_LISTENERS,
  SECURED_USER,
  securedProperties,
  type Certificates,
  type SecuredListenerName,
} from './secured.js';

const run = promisify(execFile);
const READY_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 200;

/** The secured listeners of a cluster, and what to come with. */
export interface SecuredAccess {
  /** Bootstrap servers of each listener; `expired` and `elsewhere` show certificates that are so. */
  readonly brokers: Readonly<Record<SecuredListenerName, string>>;
  readonly certificates: Certificates;
  readonly username: string;
  readonly password: string;
}

/** Apache Kafka on loopback, of 1 to 3 nodes. */
export interface BrokerCluster {
  /** Comma-separated bootstrap servers. */
  readonly brokers: string;
  readonly nodes: readonly BrokerNode[];
  /** Only of brokers started with `secured`. */
  readonly secured?: SecuredAccess;
  /** True when every node answers and every replica of every partition is in sync: another node may go. */
  readonly inSync: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

export interface BrokerOptions {
  readonly nodes?: number;
  /** Of the first node, the others follow; 0: free ones. */
  readonly port?: number;
  /** What the brokers keep and log; topics of an earlier start are kept. */
  readonly dir?: string;
  /** Detached brokers outlive this process. */
  readonly detached?: boolean;
  /** Further listeners of each node, which tell clients the port of a proxy. */
  readonly doorCount?: number;
  /** Further listeners with TLS and SASL, and ACLs for who comes by them with a name. */
  readonly secured?: boolean;
  /** Settings of a node that win over those it would have. */
  readonly settings?: NodeFacts['settings'];
  /** A folder of classes of one's own, a policy say. */
  readonly classes?: string;
}

/**
 * Starts Apache Kafka (KRaft) without containers and waits until it answers. Throws an Error that says why when it
 * cannot: no Java, no Maven the first time, a port that is taken, a folder of another size.
 */
export async function startBroker({
  nodes: nodeCount = 1,
  port = 0,
  dir = '.kafka',
  detached = false,
  doorCount = 0,
  secured = false,
  settings,
  classes,
}: BrokerOptions = {}): Promise<BrokerCluster> {
  const folder = resolve(dir);
  mkdirSync(folder, { recursive: true });
  refuseOtherSize(folder, nodeCount);
  const classpath = [join(await jars(), '*'), ...(classes === undefined ? [] : [classes])].join(delimiter);
  const ids = Array.from({ length: nodeCount }, (_, index) => index + 1);
  const ports: number[] = [];
  const controllerPorts: number[] = [];
  for (const id of ids) {
    if (port !== 0) await refuseTakenPort(port + id - 1);
    ports.push(port === 0 ? await freePort() : port + id - 1);
    controllerPorts.push(await freePort());
  }
  const voters = ids.map((id, index) => `${id}@${HOST}:${controllerPorts[index]}`).join(',');
  const clusterId = clusterIdOf(folder);
  const certificates = secured ? await makeCertificates(certificatesIn(folder)) : undefined;
  const made = await Promise.all(
    ids.map(async (id, index) => {
      const file = join(folder, `node-${id}.properties`);
      const doors: DoorPorts[] = [];
      for (let door = 0; door < doorCount; door++)
        doors.push({ listens: await freePort(), advertises: await freePort() });
      const securedPorts = await portsOf(secured ? SECURED_LISTENERS : []);
      const text = nodeProperties({
        id,
        port: ports[index]!,
        controllerPort: controllerPorts[index]!,
        voters,
        folder,
        nodeCount,
        doors,
        settings,
        secured: secured ? securedProperties(certificatesIn(folder), securedPorts, HOST) : undefined,
      });
      writeFileSync(file, text);
      const format = ['format', '--ignore-formatted', '-t', clusterId, '-c', file, ...(secured ? scramWords() : [])];
      await run('java', ['-Xmx128m', '-cp', classpath, 'kafka.tools.StorageTool', ...format]);
      const facts = { id, port: ports[index]!, file, classpath, folder, detached, doors, securedPorts };
      return { node: new BrokerNode({ ...facts, clock: systemClock }), securedPorts };
    }),
  );
  const nodes = made.map(({ node }) => node);
  const brokers = ports.map((each) => `${HOST}:${each}`).join(',');
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
    await ready(brokers, nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  const access = certificates && {
    secured: {
      brokers: bootstrapOf(made.map(({ securedPorts }) => securedPorts)),
      certificates,
      ...SECURED_USER,
    },
  };
  return { brokers, nodes, ...access, inSync: () => replicasInSync(brokers), stop };
}

const certificatesIn = (folder: string): string => join(folder, 'certificates');

async function portsOf(names: readonly SecuredListenerName[]): Promise<Record<SecuredListenerName, number>> {
  const ports: Partial<Record<SecuredListenerName, number>> = {};
  for (const name of names) ports[name] = await freePort();
  return ports as Record<SecuredListenerName, number>;
}

/** Bootstrap servers by listener. */
function bootstrapOf(
  ports: readonly Readonly<Record<SecuredListenerName, number>>[],
): Readonly<Record<SecuredListenerName, string>> {
  const serversOf = (name: SecuredListenerName) => ports.map((each) => `${HOST}:${each[name]}`).join(',');
  return Object.fromEntries(SECURED_LISTENERS.map((name) => [name, serversOf(name)])) as Record<
    SecuredListenerName,
    string
  >;
}

/** The id that the nodes of a folder were formatted with, a fresh one the first time: Kafka refuses to start under another. */
function clusterIdOf(folder: string): string {
  const file = join(folder, 'cluster-id');
  // The first byte is 0: an id that begins with a dash would be read as a flag.
  if (!existsSync(file)) writeFileSync(file, randomBytes(16).fill(0, 0, 1).toString('base64url'));
  return readFileSync(file, 'utf8');
}

/** Throws when the folder was made with another number of nodes: the votes of those that are missing would be waited for. */
function refuseOtherSize(folder: string, nodes: number): void {
  const found = readdirSync(folder).filter((name) => /^node-\d+\.properties$/.test(name)).length;
  if (found !== 0 && found !== nodes)
    throw new Error(`${folder} was made with --nodes ${found}: start it so, or take another --dir`);
}

/** Ready means: every node is in the metadata and a group coordinator answers, not only that a port is open. */
async function ready(brokers: string, nodes: readonly BrokerNode[]): Promise<void> {
  const deadline = systemClock.monotonicMs() + READY_WITHIN_MS;
  for (;;) {
    const gone = nodes.find((node) => node.hasEnded);
    if (gone) throw new Error(`broker ${gone.id} ended at once: see ${gone.logFile}`);
    try {
      if (await answersWith(brokers, nodes.length)) return;
    } catch (error) {
      if (systemClock.monotonicMs() > deadline)
        throw new Error(`Kafka at ${brokers} is not ready after ${READY_WITHIN_MS} ms: ${messageOf(error)}`, {
          cause: error,
        });
    }
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}
