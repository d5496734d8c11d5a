import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendEvents } from '../adapters/event-files/index.js';
import { createLogger } from '../adapters/pino/index.js';
import { seededRandom } from '../adapters/system/index.js';
import { requireConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { Transport } from '../ports/transport.js';
import { simulateToFiles } from '../simulate/index.js';
import { committedCounts, type Accounting } from './accounting.js';
import { startRun, type ChildEnd, type RunChild } from './chaos-child.js';
import { COMPARED_TOPICS, compareTopic, differingCounts, isSame } from './chaos-compare.js';
import type { OutputRow, TopicDifference } from './chaos-compare.js';
import { drawKillMoment, killAt, type Pace } from './chaos-kills.js';
import { dumpTopic, type DumpedTopic } from './dump.js';
import { openCodecs, openTransport } from './wire.js';

export interface ChaosOptions {
  /** How many processes are killed. */
  readonly killCount: number;
  /** Decides the events and the moments of the kills. */
  readonly seed: number;
  /** Impressions simulated. */
  readonly impressionCount: number;
  /** A line to stderr. */
  readonly say: (text: string) => void;
  /** Aborted: the process under way is killed and everything is cleaned up. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** What an unbroken and a killed application made of the same events. */
export interface ChaosProof {
  readonly killCount: number;
  /** Samples committed at each kill, as a share of the whole. */
  readonly progressAtKills: readonly number[];
  readonly expected: Accounting;
  readonly found: Accounting;
  /** Numbers of the accounting that differ. */
  readonly differingCounts: readonly string[];
  readonly topics: readonly TopicDifference[];
  /** True when nothing is lost, doubled or different. */
  readonly holds: boolean;
  readonly elapsedMs: number;
}

/** What the environment or the roughness of the world may do to events: bad messages, repeats, disorder. */
const ROUGHNESS = { lateFraction: 0.02, maxDelayMs: 90_000, duplicateFraction: 0.01, malformedFraction: 0.002 };
/** Each has a text that is embedded once; few, so that the proof is there within a minute. */
const ITEM_COUNT = 600;
/** How often the store is asked for a first commit. */
const LOOK_EVERY_MS = 25;
const MOMENTS = { start: 'start', join: 'join', commit: 'first commit' } as const;

/**
 * Runs the same simulated events through two embedded stores, in child processes: one unbroken, the other one killed −9 at
 * random moments and started again. Then compares what a committed reader sees of both, row by row. The coin of a sample
 * depends on its id alone under scorer `uniform`, so both must keep the very same ones.
 * @returns undefined when aborted
 * @throws SluiceError `child-failed` when a child ends otherwise than by its kill or well
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosProof | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-'));
  try {
    return await new Chaos(options, folder).prove();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Chaos {
  private readonly startedMs: number;

  constructor(
    private readonly options: ChaosOptions,
    private readonly folder: string,
  ) {
    this.startedMs = options.clock.monotonicMs();
  }

  async prove(): Promise<ChaosProof | undefined> {
    const { say, seed, impressionCount, signal } = this.options;
    const events = join(this.folder, 'events');
    await simulateToFiles({ folder: events, impressionCount, seed, itemCount: ITEM_COUNT, ...ROUGHNESS });
    say(`${impressionCount.toLocaleString('en')} simulated impressions, with late, repeated and broken messages`);
    const unbroken = await this.application('unbroken', events);
    const killed = await this.application('killed', events);
    const reference = await this.runUnbroken(unbroken);
    if (signal.aborted || !reference) return undefined;
    say(
      `unbroken: ${seconds(reference.startMs)} to start, ${seconds(reference.warmUpMs)} to warm up, ${seconds(reference.workMs)} at work`,
    );
    const progressAtKills = await this.kill(killed, reference);
    const found = signal.aborted ? undefined : await this.finish(killed);
    return found && this.compare(unbroken, killed, reference.accounting, found, progressAtKills);
  }

  /** Makes a store with the events in its input topics. */
  private async application(name: string, events: string): Promise<Application> {
    const file = join(this.folder, `${name}.yaml`);
    writeFileSync(file, chaosConfig(this.folder, name));
    const config = requireConfig({ file, env: {}, sets: [] }, this.options.say);
    const application = { file, config };
    await this.withTransport(application, (transport) => sendEvents(events, transport));
    return application;
  }

  private async runUnbroken(application: Application): Promise<Reference | undefined> {
    const { clock, signal } = this.options;
    const beganMs = clock.monotonicMs();
    const child = this.start(application);
    const firstCommit = this.firstCommit(application, child);
    await child.joined;
    const joinedMs = clock.monotonicMs();
    await firstCommit;
    const movedMs = clock.monotonicMs();
    const accounting = accountingOfEnd(await child.ended, signal);
    const pace = { startMs: joinedMs - beganMs, warmUpMs: movedMs - joinedMs, workMs: clock.monotonicMs() - movedMs };
    return accounting && { ...pace, accounting };
  }

  /** Kills runs until enough have been hit; returns the samples committed at each kill. */
  private async kill(application: Application, reference: Reference): Promise<number[]> {
    const { killCount, seed, say, clock, signal } = this.options;
    const random = seededRandom(seed);
    const progress: number[] = [];
    let hasFinished = false;
    while (progress.length < killCount && !signal.aborted) {
      const { after, delayMs } = drawKillMoment(random, reference, killCount, hasFinished);
      const child = this.start(application);
      const reached = {
        start: () => Promise.resolve(),
        join: () => child.joined,
        commit: () => this.firstCommit(application, child),
      };
      const end = await killAt(child, reached[after](), delayMs, clock);
      if (end) {
        hasFinished = accountingOfEnd(end, signal) !== undefined;
        continue;
      }
      const { samplesSeen } = await this.withTransport(application, committedCounts);
      progress.push(samplesSeen / reference.accounting.samples.seen);
      const committed = `${percent(progress.at(-1)!)} of the samples committed`;
      say(`kill −9, ${progress.length} of ${killCount}: ${seconds(delayMs)} after its ${MOMENTS[after]}, ${committed}`);
    }
    return progress;
  }

  /** Resolves once a run has committed something, or has ended. */
  private firstCommit(application: Application, child: RunChild): Promise<void> {
    const { clock } = this.options;
    const isOver = new AbortController();
    void child.ended.then(() => isOver.abort());
    return this.withTransport(application, async (transport) => {
      const position = async () => JSON.stringify([...(await transport.committedAll()).values()]);
      const before = await position();
      while ((await position()) === before && (await clock.sleep(LOOK_EVERY_MS, isOver.signal)));
    });
  }

  private async finish(application: Application): Promise<Accounting | undefined> {
    this.options.say('and now to the end');
    return accountingOfEnd(await this.start(application).ended, this.options.signal);
  }

  private async compare(
    unbroken: Application,
    killed: Application,
    expected: Accounting,
    found: Accounting,
    progressAtKills: readonly number[],
  ): Promise<ChaosProof> {
    const topics: TopicDifference[] = [];
    for (const topic of COMPARED_TOPICS)
      topics.push(compareTopic(topic, await this.rows(unbroken, topic), await this.rows(killed, topic)));
    const counted = ({ impressions, interactions, samples, closedEarly, weights, quality }: Accounting): object => ({
      impressions,
      interactions,
      samples,
      closedEarly,
      weights,
      quality,
    });
    const differing = differingCounts(counted(expected), counted(found));
    return {
      killCount: progressAtKills.length,
      progressAtKills,
      expected,
      found,
      differingCounts: differing,
      topics,
      holds: differing.length === 0 && topics.every(isSame),
      elapsedMs: Math.round(this.options.clock.monotonicMs() - this.startedMs),
    };
  }

  private start({ file }: Application): RunChild {
    const { signal } = this.options;
    const child = startRun(file);
    signal.addEventListener('abort', child.kill, { once: true });
    if (signal.aborted) child.kill();
    void child.ended.then(() => signal.removeEventListener('abort', child.kill));
    return child;
  }

  private rows(application: Application, topic: DumpedTopic): Promise<OutputRow[]> {
    const { config } = application;
    return this.withTransport(application, async (transport) => {
      let text = '';
      const codecs = openCodecs(config, this.deps(config));
      await dumpTopic({ transport, codecs, config }, topic, 'ndjson', (part) => {
        text += part;
        return Promise.resolve();
      });
      return text === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as OutputRow);
    });
  }

  private async withTransport<T>({ config }: Application, action: (transport: Transport) => Promise<T>): Promise<T> {
    const transport = openTransport(config, this.deps(config));
    try {
      await transport.prepare();
      return await action(transport);
    } finally {
      await transport.close();
    }
  }

  private deps({ log }: Config) {
    return { logger: createLogger(log), clock: this.options.clock };
  }
}

/** An unbroken run: how long its parts took, and what it made of the events. */
interface Reference extends Pace {
  readonly accounting: Accounting;
}

/** One store, and the config file that its runs are started with. */
interface Application {
  readonly file: string;
  readonly config: Config;
}

/** The accounting of a run that ended well; undefined when we were asked to stop. @throws `child-failed` */
function accountingOfEnd({ status, lastLine, lastWords }: ChildEnd, signal: AbortSignal): Accounting | undefined {
  if (signal.aborted) return undefined;
  if (status !== 0) throw new SluiceError('child-failed', { status: status ?? 'signal', why: lastWords });
  return JSON.parse(lastLine) as Accounting;
}

/**
 * Small units and frequent checkpoints: more borders for a kill to fall on. A short window: some interactions are late.
 * Which samples contradict the champion depends on the moment a refit ends, so that flag is off.
 */
function chaosConfig(folder: string, name: string): string {
  return `application: ${name}
transport: { kind: embedded, path: ${JSON.stringify(join(folder, name))} }
privacy: { keyFile: ${JSON.stringify(join(folder, 'pseudonym.key'))} }
encoder: { cachePath: ${JSON.stringify(join(folder, `${name}.vectors`))} }
join: { attributionWindowMs: 120000, allowedLatenessMs: 30000 }
selection: { scorer: uniform, budget: 0.3 }
quality: { contradicted: { action: off } }
retrain: { everySamples: 4000, proof: { enabled: false } }
state: { checkpointEveryMs: 500 }
batch: { maxBytes: 65536 }
log: { level: warn }
`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(0)} %`;
}
