import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema, type Config } from '../../../config/schema.js';
import { startRun, type ChildEnd, type RunChild } from '../../chaos/child.js';
import type { BenchPlace } from '../bench-config.js';

/** With a key file each of several instances would warn of one of its own. */
const KEY_VARIABLE = 'BENCH_PSEUDONYM_KEY';

/** One instance of the application, in a process of its own. */
export interface Instance extends RunChild {
  /** Messages of the lines of its log at warn and above, so far. */
  readonly complaints: readonly string[];
  /** Partitions that it has restored, so far. */
  readonly restored: ReadonlySet<number>;
  readonly hasEnded: boolean;
}

/** Instances of one application on default settings, apart from where things lie and how many partitions there are. */
export class Instances {
  readonly config: Config;
  private readonly file: string;
  private readonly running = new Set<Instance>();

  constructor(
    place: BenchPlace,
    partitions: number,
    /** Tells applications of one scenario apart. */
    name = 'bench',
  ) {
    const prefix = `${place.topicPrefix}${name}.`;
    const given = {
      application: `${prefix}app`,
      topics: { prefix, partitions },
      transport: { kind: 'kafka', brokers: place.brokers },
      privacy: { keyEnv: KEY_VARIABLE },
      encoder: { cachePath: place.vectorFolder },
      http: { port: 0 },
    };
    this.file = join(place.folder, `${name}.yaml`);
    writeFileSync(this.file, JSON.stringify(given));
    this.config = configSchema.parse(given);
  }

  start(): Instance {
    const complaints: string[] = [];
    const restored = new Set<number>();
    const child = startRun(this.file, {
      untilEnd: false,
      logLevel: 'info',
      env: { [KEY_VARIABLE]: 'the key of a bench, of no use elsewhere' },
      onLine: (line) => {
        const { level, msg, why, partition } = lineOf(line);
        if (msg === 'partition restored' && partition !== undefined) restored.add(partition);
        if (level === 'info' || level === 'debug') return;
        complaints.push(why === undefined ? msg : `${msg}: ${why}`);
      },
    });
    const instance = { ...child, complaints, restored, hasEnded: false };
    this.running.add(instance);
    void child.ended.then(() => {
      instance.hasEnded = true;
      this.running.delete(instance);
    });
    return instance;
  }

  /** SIGTERM to all of them; waits until they are gone. */
  async stop(): Promise<readonly ChildEnd[]> {
    const all = [...this.running];
    for (const { terminate } of all) terminate();
    return Promise.all(all.map(({ ended }) => ended));
  }

  /** SIGKILL to whatever still runs. */
  abandon(): void {
    for (const { kill } of this.running) kill();
  }
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly why?: string;
  readonly partition?: number;
}

/** A line that is no JSON is not of the log: a library's, or the last words. */
function lineOf(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 'stderr', msg: line };
  }
}
