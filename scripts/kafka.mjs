#!/usr/bin/env node
/**
 * Apache Kafka for tests and for trying things out, on loopback, without containers: a command line over
 * src/lab/broker. `node scripts/kafka.mjs --help` says how; build first.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

if (!existsSync(new URL('../dist/lab/broker/index.js', import.meta.url))) {
  process.stderr.write('not built yet: npm run build\n');
  process.exit(1);
}
const { startBroker } = await import('../dist/lab/broker/index.js');

const USAGE = `Apache Kafka on loopback, for tests and for trying things out.

  node scripts/kafka.mjs start [--nodes 1] [--port 19092] [--dir .kafka] [--secured]   topics of an earlier start are kept
  node scripts/kafka.mjs env   [--dir .kafka]                                          prints KAFKA_BROKERS=…
  node scripts/kafka.mjs stop  [--dir .kafka]

--nodes N   1 to 3 brokers
--port P    of the first broker, the others follow; 0: free ones
--dir D     what the brokers keep and log
--secured   further listeners on free ports: TLS, TLS with client certificates, SASL over TLS (plain, SCRAM, unsigned
            tokens), an expired certificate, one of another host; ACLs for whoever comes by SASL or with a certificate.
            env prints where, and the files and the user to come with. Certificates are made by openssl

Needs Java 17+ and, the first time, Maven (mvn). The jars (43 MB) go to KAFKA_JARS, or ~/.cache/sluice.
Exit status: 0 done, 1 not possible, 2 not understood.
`;

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

main().catch((error) => {
  const isUsage = error instanceof NotUnderstood;
  process.stderr.write(isUsage ? `${error.message}\n\n${USAGE}` : `${error.message}\n`);
  process.exitCode = isUsage ? 2 : 1;
});
