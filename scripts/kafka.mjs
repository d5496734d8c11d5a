#!/usr/bin/env node
/**
 * Apache Kafka for tests and for trying things out, on loopback, without containers: fetches the jars with Maven once,
 * formats and starts 1 to 3 KRaft nodes, stops them by process id.
 *
 * `node scripts/kafka.mjs --help` says how.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { makeCertificates, scramWords, SECURED_LISTENERS, SECURED_USER, securedProperties } from './kafka-secured.mjs';

const run = promisify(execFile);
const KAFKA_VERSION = '4.1.1';
const SLF4J_VERSION = '1.7.36';
const READY_WITHIN_MS = 90_000;
const HOST = '127.0.0.1';

const USAGE = `Apache Kafka ${KAFKA_VERSION} on loopback, for tests and for trying things out.

  node scripts/kafka.mjs start [--nodes 1] [--port 19092] [--dir .kafka] [--secured]   topics of an earlier start are kept
  node scripts/kafka.mjs env   [--dir .kafka]                                          prints KAFKA_BROKERS=…
  node scripts/kafka.mjs stop  [--dir .kafka]

--nodes N   1 to 3 brokers
--port P    of the first broker, the others follow; 0: free ones
--dir D     what the brokers keep and log
--secured   further listeners on free ports: TLS, TLS with client certificates, SASL over TLS (plain, SCRAM, unsigned
            tokens), an expired certificate, one of another host; ACLs for whoever comes by SASL or with a certificate.
            env prints where, and the files and the user to come with. Certificates are made by openssl

Needs Java 17+ and, the first time, Maven (mvn). The jars (43 MB) go to KAFKA_JARS, or ~/.cache/sluice/kafka-${KAFKA_VERSION}.
Exit status: 0 done, 1 not possible, 2 not understood.
`;

/** Folder with the jars, fetched by Maven when absent. */
export async function jars() {
  const cache = resolve(process.env.KAFKA_JARS ?? join(homedir(), '.cache', 'sluice', `kafka-${KAFKA_VERSION}`));
  if (existsSync(join(cache, `kafka_2.13-${KAFKA_VERSION}.jar`))) return cache;
  const work = `${cache}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'pom.xml'), pom());
  try {
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(work, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${work}`,
      '-DincludeScope=runtime',
    ]);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw new Error(`Maven could not fetch Kafka ${KAFKA_VERSION}: ${error.stderr || error.stdout || error.message}`);
  }
  // Another run may have been first: its jars are as good.
  if (existsSync(cache)) rmSync(work, { recursive: true, force: true });
  else renameSync(work, cache);
  return cache;
}

function pom() {
  const dependency = (group, artifact, version) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project><modelVersion>4.0.0</modelVersion><groupId>sluice</groupId><artifactId>kafka-jars</artifactId><version>1</version><dependencies>${dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION)}${dependency('org.slf4j', 'slf4j-simple', SLF4J_VERSION)}</dependencies></project>`;
}

/** A port nobody listens on now. */
export function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, HOST, () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Throws when somebody listens on a port: its answers would pass for those of our broker. */
function refuseTakenPort(port) {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', (error) =>
      failed(
        new Error(`port ${port} cannot be had (${error.code}): choose another one by --port, or 0 for a free one`),
      ),
    );
    server.listen(port, HOST, () => server.close(done));
  });
}

/** The id that the nodes of a folder were formatted with, a fresh one the first time: Kafka refuses to start under another. */
function clusterIdOf(folder) {
  const file = join(folder, 'cluster-id');
  // The first byte is 0: an id that begins with a dash would be read as a flag.
  if (!existsSync(file)) writeFileSync(file, randomBytes(16).fill(0, 0, 1).toString('base64url'));
  return readFileSync(file, 'utf8');
}

/** Throws when the folder was made with another number of nodes: the votes of those that are missing would be waited for. */
function refuseOtherSize(folder, nodes) {
  const found = readdirSync(folder).filter((name) => /^node-\d+\.properties$/.test(name)).length;
  if (found !== 0 && found !== nodes)
    throw new Error(`${folder} was made with --nodes ${found}: start it so, or take another --dir`);
}

/** Without the factors at the number of nodes, groups and transactions hang without a word. */
function properties({ id, port, controllerPort, voters, dir, nodes, doors, secured }) {
  const factor = Math.min(nodes, 3);
  const inSync = Math.max(1, factor - 1);
  return Object.entries({
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
    'log.dirs': join(dir, `node-${id}`),
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
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}

/**
 * Starts brokers and waits until they answer.
 * @param {{nodes?: number, port?: number, dir?: string, detached?: boolean, doorCount?: number, secured?: boolean}} options
 *   port: of the first node, 0 = free ones; doorCount: further listeners of each node, which tell clients the port of a
 *   proxy (`advertises`); secured: further listeners with TLS and SASL, and ACLs
 * @returns brokers (comma-separated), nodes with id, pid, port, stop (SIGTERM), kill (SIGKILL), start; stop() ends all
 */
export async function startBroker({
  nodes = 1,
  port = 0,
  dir = '.kafka',
  detached = false,
  doorCount = 0,
  secured = false,
} = {}) {
  const folder = resolve(dir);
  mkdirSync(folder, { recursive: true });
  refuseOtherSize(folder, nodes);
  const classpath = join(await jars(), '*');
  const ids = Array.from({ length: nodes }, (_, index) => index + 1);
  const ports = [];
  const controllerPorts = [];
  for (const id of ids) {
    if (port !== 0) await refuseTakenPort(port + id - 1);
    ports.push(port === 0 ? await freePort() : port + id - 1);
    controllerPorts.push(await freePort());
  }
  const voters = ids.map((id, index) => `${id}@${HOST}:${controllerPorts[index]}`).join(',');
  const clusterId = clusterIdOf(folder);
  const certificates = secured ? await makeCertificates(join(folder, 'certificates')) : undefined;
  const started = await Promise.all(
    ids.map(async (id, index) => {
      const file = join(folder, `node-${id}.properties`);
      const doors = [];
      for (let index = 0; index < doorCount; index++) {
        doors.push({ listens: await freePort(), advertises: await freePort() });
      }
      const securedPorts = {};
      if (secured) for (const name of SECURED_LISTENERS) securedPorts[name] = await freePort();
      writeFileSync(
        file,
        properties({
          id,
          port: ports[index],
          controllerPort: controllerPorts[index],
          voters,
          dir: folder,
          nodes,
          doors,
          ...(secured ? { secured: securedProperties(join(folder, 'certificates'), securedPorts, HOST) } : {}),
        }),
      );
      await run('java', [
        '-Xmx128m',
        '-cp',
        classpath,
        'kafka.tools.StorageTool',
        'format',
        '--ignore-formatted',
        '-t',
        clusterId,
        '-c',
        file,
        ...(secured ? scramWords() : []),
      ]);
      return brokerNode({ id, port: ports[index], file, classpath, folder, detached, doors, securedPorts });
    }),
  );
  const brokers = ports.map((each) => `${HOST}:${each}`).join(',');
  const cluster = {
    brokers,
    nodes: started,
    ...(secured ? { secured: securedAccess(started, certificates) } : {}),
    inSync: () => inSync(brokers),
    stop: () => Promise.all(started.map((node) => node.stop())).then(() => {}),
  };
  try {
    await Promise.all(started.map((node) => node.start()));
    await ready(brokers, started);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

/** Bootstrap servers by listener, and what to come with. */
function securedAccess(nodes, certificates) {
  const brokers = Object.fromEntries(
    SECURED_LISTENERS.map((name) => [name, nodes.map(({ securedPorts }) => `${HOST}:${securedPorts[name]}`).join(',')]),
  );
  return { brokers, certificates, ...SECURED_USER };
}

function brokerNode({ id, port, file, classpath, folder, detached, doors, securedPorts }) {
  const logFile = join(folder, `node-${id}.log`);
  let child;
  // A broker that was not detached must not outlive whoever started it.
  const abandon = () => child?.kill('SIGKILL');
  const end = (signal) =>
    new Promise((done) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return done();
      child.once('exit', () => done());
      child.kill(signal);
      // A broker that cannot hand over its leaders (the others are gone) would wait for minutes.
      const giveUp = setTimeout(() => child.kill('SIGKILL'), 15_000);
      child.once('exit', () => clearTimeout(giveUp));
    });
  return {
    id,
    port,
    doors,
    securedPorts,
    logFile,
    get hasEnded() {
      return child !== undefined && (child.exitCode !== null || child.signalCode !== null);
    },
    get pid() {
      return child?.pid;
    },
    start() {
      const log = openSync(logFile, 'a');
      child = spawn(
        'java',
        [
          '-Xmx512m',
          '-Xms128m',
          '-XX:+UseSerialGC',
          '-XX:TieredStopAtLevel=1',
          '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
          '-cp',
          classpath,
          'kafka.Kafka',
          file,
        ],
        { stdio: ['ignore', log, log], detached },
      );
      closeSync(log);
      if (detached) child.unref();
      else {
        process.once('exit', abandon);
        child.once('exit', () => process.off('exit', abandon));
      }
      return new Promise((done, failed) => {
        child.once('error', (error) => failed(new Error(`java cannot be started: ${error.message}`)));
        child.once('spawn', done);
      });
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** Ready means: every node is in the metadata and a group coordinator answers, not only that a port is open. */
async function ready(brokers, nodes) {
  const { Kafka, logLevel } = await import('kafkajs');
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const gone = nodes.find((node) => node.hasEnded);
    if (gone) throw new Error(`broker ${gone.id} ended at once: see ${gone.logFile}`);
    const admin = new Kafka({
      brokers: brokers.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      connectionTimeout: 1000,
    }).admin();
    try {
      await admin.connect();
      const cluster = await admin.describeCluster();
      if (cluster.brokers.length === nodes.length) {
        await admin.fetchOffsets({ groupId: 'sluice-ready', topics: [] });
        return;
      }
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`Kafka at ${brokers} is not ready after ${READY_WITHIN_MS} ms: ${error.message}`);
    } finally {
      await admin.disconnect().catch(() => {});
    }
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** True when every node answers and every replica of every partition is in sync: another node may go. */
async function inSync(brokers) {
  const { Kafka, logLevel } = await import('kafkajs');
  // A node that died a moment ago is in sync as far as the others have heard.
  if (!(await Promise.all(brokers.split(',').map(answers))).every(Boolean)) return false;
  const admin = new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
    connectionTimeout: 1000,
  }).admin();
  try {
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata();
    return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function answers(broker) {
  const [host, port] = broker.split(':');
  return new Promise((done) => {
    const socket = connect({ host, port: Number(port) }, () => done(true));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.end());
  });
}

const stateFile = (dir) => join(resolve(dir), 'brokers.json');

function readState(dir) {
  if (!existsSync(stateFile(dir))) throw new Error(`no broker was started in ${dir}`);
  return JSON.parse(readFileSync(stateFile(dir), 'utf8'));
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** True when the process is a broker of ours: a process id may have been given to another program meanwhile. */
const isOurBroker = (pid, dir) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(resolve(dir));
  } catch {
    return isAlive(pid) && process.platform !== 'linux';
  }
};

/** Words on the command line that mean nothing here. */
class NotUnderstood extends Error {}

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        nodes: { type: 'string', default: '1' },
        port: { type: 'string', default: '19092' },
        dir: { type: 'string', default: '.kafka' },
        secured: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new NotUnderstood(error.message);
  }
}

/** As lines for a shell. */
function environmentOf({ brokers, secured }) {
  const lines = [`KAFKA_BROKERS=${brokers}`];
  if (secured) {
    for (const [name, each] of Object.entries(secured.brokers)) lines.push(`KAFKA_${name.toUpperCase()}=${each}`);
    const { ca, client } = secured.certificates;
    lines.push(`KAFKA_CA_FILE=${ca}`, `KAFKA_CERT_FILE=${client.cert}`, `KAFKA_KEY_FILE=${client.key}`);
    lines.push(`KAFKA_USERNAME=${secured.username}`, `KAFKA_PASSWORD=${secured.password}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

async function main() {
  const { values, positionals } = asked();
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const { dir } = values;
  switch (positionals[0]) {
    case 'start': {
      const [nodes, port] = [Number(values.nodes), Number(values.port)];
      if (![1, 2, 3].includes(nodes)) throw new NotUnderstood('--nodes is 1, 2 or 3');
      if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new NotUnderstood('--port is 0 to 65535');
      if (existsSync(stateFile(dir)) && readState(dir).pids.some((pid) => isOurBroker(pid, dir)))
        throw new Error(
          `a broker runs in ${dir} already, at ${readState(dir).brokers}: stop it first, or take another --dir`,
        );
      const cluster = await startBroker({
        nodes,
        port,
        dir,
        detached: true,
        secured: values.secured,
      });
      const { brokers, secured } = cluster;
      writeFileSync(stateFile(dir), JSON.stringify({ brokers, secured, pids: cluster.nodes.map((node) => node.pid) }));
      process.stdout.write(environmentOf({ brokers, secured }));
      return;
    }
    case 'env':
      process.stdout.write(environmentOf(readState(dir)));
      return;
    case 'stop': {
      const pids = readState(dir).pids.filter((pid) => isOurBroker(pid, dir));
      for (const pid of pids) process.kill(pid, 'SIGTERM');
      const deadline = Date.now() + 15_000;
      while (pids.some(isAlive) && Date.now() < deadline) await new Promise((done) => setTimeout(done, 100));
      for (const pid of pids.filter((each) => isOurBroker(each, dir))) process.kill(pid, 'SIGKILL');
      rmSync(stateFile(dir));
      return;
    }
    default:
      throw new NotUnderstood(positionals.length === 0 ? 'a verb is missing' : `there is no verb ${positionals[0]}`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    const isUsage = error instanceof NotUnderstood;
    process.stderr.write(isUsage ? `${error.message}\n\n${USAGE}` : `${error.message}\n`);
    process.exitCode = isUsage ? 2 : 1;
  });
}
