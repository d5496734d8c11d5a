import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.js';
import type { DoorPorts } from './properties.js';
import type { SecuredListenerName } from './secured.js';

/** A broker that cannot hand over its leaders (the others are gone) would wait for minutes. */
const STOPS_WITHIN_MS = 15_000;

/** What a node is started with. */
export interface NodeOptions {
  readonly id: number;
  readonly port: number;
  readonly doors: readonly DoorPorts[];
  readonly securedPorts: Readonly<Partial<Record<SecuredListenerName, number>>>;
  /** Its settings. */
  readonly file: string;
  readonly classpath: string;
  readonly folder: string;
  /** A detached broker outlives whoever started it. */
  readonly detached: boolean;
  readonly clock: Clock;
}

/** One broker, as a process. */
export class BrokerNode {
  readonly id: number;
  readonly port: number;
  readonly doors: readonly DoorPorts[];
  readonly logFile: string;
  private child: ChildProcess | undefined;
  private readonly abandon = () => this.child?.kill('SIGKILL');

  constructor(private readonly options: NodeOptions) {
    this.id = options.id;
    this.port = options.port;
    this.doors = options.doors;
    this.logFile = join(options.folder, `node-${options.id}.log`);
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get hasEnded(): boolean {
    return this.child !== undefined && (this.child.exitCode !== null || this.child.signalCode !== null);
  }

  /** Resolves once the process runs, which is before it answers. */
  start(): Promise<void> {
    const { classpath, file, detached } = this.options;
    const log = openSync(this.logFile, 'a');
    const heap = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const words = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classpath, 'kafka.Kafka', file];
    const child = spawn('java', [...heap, ...words], { stdio: ['ignore', log, log], detached });
    this.child = child;
    closeSync(log);
    if (detached) child.unref();
    else {
      process.once('exit', this.abandon);
      child.once('exit', () => process.off('exit', this.abandon));
    }
    return new Promise((done, failed) => {
      child.once('error', (error) => failed(new Error(`java cannot be started: ${error.message}`)));
      child.once('spawn', done);
    });
  }

  /** SIGTERM, and SIGKILL when it does not end. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || this.hasEnded) return;
    const exited = new AbortController();
    const exit = new Promise<void>((done) => child.once('exit', () => done()));
    void exit.then(() => exited.abort());
    child.kill(signal);
    if (await this.options.clock.sleep(STOPS_WITHIN_MS, exited.signal)) child.kill('SIGKILL');
    await exit;
  }
}
