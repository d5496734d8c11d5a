#!/usr/bin/env node
/**
 * A schema registry (Apicurio, in memory, Confluent API) for tests and for trying things out, on loopback: fetched with
 * Maven once, started, stopped by process id.
 *
 *   node scripts/apicurio.mjs start [--port 18081] [--dir .apicurio]    prints the address for wire.registryUrl
 *   node scripts/apicurio.mjs stop  [--dir .apicurio]
 *
 * Needs Java 17+ and, the first time, Maven (`mvn`) and `tar`. The registry (142 MB) goes to APICURIO_HOME, or
 * ~/.cache/sluice/apicurio-2.6.13.Final.
 */
import { execFile, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '2.6.13.Final';
const RUNNER = `apicurio-registry-app-${VERSION}-runner.jar`;
const HOST = '127.0.0.1';
const READY_WITHIN_MS = 90_000;

/** Folder with the unpacked registry, fetched by Maven when absent. */
async function registryHome() {
  const home = resolve(process.env.APICURIO_HOME ?? join(homedir(), '.cache', 'sluice', `apicurio-${VERSION}`));
  if (existsSync(join(home, RUNNER))) return home;
  const work = `${home}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    const artifact = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
    await run('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`]);
    const archive = readdirSync(work).find((name) => name.endsWith('.tar.gz'));
    if (!archive) throw new Error('Maven left no archive');
    await run('tar', ['-xzf', join(work, archive), '-C', work]);
    rmSync(join(work, archive));
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw new Error(`Maven could not fetch Apicurio ${VERSION}: ${error.stderr || error.stdout || error.message}`);
  }
  // Another run may have been first: its copy is as good.
  if (existsSync(home)) rmSync(work, { recursive: true, force: true });
  else renameSync(work, home);
  return home;
}

/** A port nobody listens on now. */
function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, HOST, () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/**
 * Starts a registry and waits until it answers.
 * @param {{port?: number, dir?: string, detached?: boolean}} options port 0: a free one; dir holds the log
 * @returns url (for wire.registryUrl), pid, stop()
 */
export async function startRegistry({ port = 0, dir = '.apicurio', detached = false } = {}) {
  const folder = resolve(dir);
  mkdirSync(folder, { recursive: true });
  const home = await registryHome();
  const chosen = port === 0 ? await freePort() : port;
  const logFile = join(folder, 'apicurio.log');
  const log = openSync(logFile, 'a');
  const child = spawn('java', ['-Xmx400m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', RUNNER], {
    cwd: home,
    env: { ...process.env, QUARKUS_HTTP_HOST: HOST, QUARKUS_HTTP_PORT: String(chosen) },
    stdio: ['ignore', log, log],
    detached,
  });
  closeSync(log);
  if (detached) child.unref();
  const ended = new Promise((done) => {
    child.once('exit', (status, signal) => done(`ended with ${signal ?? status}`));
    child.once('error', (error) => done(`cannot be started: ${error.message}`));
  });
  const url = `http://${HOST}:${chosen}/apis/ccompat/v7`;
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const failure = await Promise.race([ready(url), ended.then((how) => `it ${how}, see ${logFile}`)]);
  if (failure === undefined) return { url, pid: child.pid, stop };
  await stop();
  throw new Error(`the schema registry did not start: ${failure}`);
}

/** Waits until the registry answers; resolves to what went wrong, or undefined. */
async function ready(url) {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      const response = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return undefined;
    } catch (error) {
      if (Date.now() > deadline) return `no answer within ${READY_WITHIN_MS} ms: ${error.message}`;
    }
    await new Promise((done) => setTimeout(done, 200));
  }
}

const stateFile = (dir) => join(resolve(dir), 'registry.json');

/** True when the process is a registry of ours: a process id may have been given to another program meanwhile. */
function isOurs(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(RUNNER);
  } catch {
    return false;
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string', default: '18081' }, dir: { type: 'string', default: '.apicurio' } },
  });
  const { dir } = values;
  if (positionals[0] === 'start') {
    const { url, pid } = await startRegistry({ port: Number(values.port), dir, detached: true });
    writeFileSync(stateFile(dir), JSON.stringify({ url, pid }));
    process.stdout.write(`${url}\n`);
  } else if (positionals[0] === 'stop') {
    if (!existsSync(stateFile(dir))) throw new Error(`no registry was started in ${dir}`);
    const { pid } = JSON.parse(readFileSync(stateFile(dir), 'utf8'));
    if (isOurs(pid)) process.kill(pid, 'SIGTERM');
    rmSync(stateFile(dir));
  } else {
    process.stderr.write('usage: node scripts/apicurio.mjs start|stop [--port 18081] [--dir .apicurio]\n');
    process.exitCode = 2;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
