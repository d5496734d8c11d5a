import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sendEvents } from '../../adapters/event-files/index.js';
import { seededRandom } from '../../adapters/system/index.js';
import { SluiceError } from '../../errors.js';
import type { Random } from '../../ports/random.js';
import { simulateToFiles } from '../simulate/index.js';
import { committedCounts, type Accounting } from '../../app/accounting.js';
import { accountingOfEnd, ChaosApplication } from './application.js';
import { startRun, type RunChild, type RunWords } from './child.js';
import { BORDER_HARMS, type BorderHarm, harmBorder } from './border-harms.js';
import { drawKillMoment, killAt, type Pace } from './kills.js';
import { ROUGHNESS, type ChaosOptions } from './options.js';
import { proveSame, type ChaosProof } from './proof.js';

/** Each has a text that is embedded once; few, so that the proof is there within a minute. */
const ITEM_COUNT = 600;
/** How often the store is asked for a first commit. */
const LOOK_EVERY_MS = 25;
const MOMENTS = { start: 'start', join: 'join', commit: 'first commit' } as const;
/** A full disk takes a quarter of a minute: the run tries again before it gives up. */
const KILLS_PER_FULL_DISK = 10;
/** Each kind comes once in eight kills. */
const KILLS_PER_BORDER_HARM = 2;
const BLOCK_BYTES = 512;
/** Room that is left on the full disk: some units of work. */
const ROOM_BYTES = 262_144;
const GAVE_UP_STATUS = 4;
/** A write that is cut short at the limit is, to the system, no sign of a full disk. */
const NO_ROOM = /store-full|store-failed/;

/**
 * The embedded store under kills −9, and full disks when there are enough of them. The coin of a sample depends on its id
 * alone under scorer `uniform`, so both applications must keep the very same ones.
 */
export class EmbeddedChaos {
  private readonly startedMs: number;
  /** How the runs on a full disk ended. */
  private readonly gaveUp: string[] = [];
  private readonly atBorder = new Map<BorderHarm, number>();

  constructor(
    private readonly options: ChaosOptions,
    private readonly folder: string,
  ) {
    this.startedMs = options.clock.monotonicMs();
  }

  async prove(): Promise<ChaosProof | undefined> {
    const { say, seed, impressionCount, signal, clock } = this.options;
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
    const progressAtKills = await this.harm(killed, reference);
    const found = signal.aborted ? undefined : await this.finish(killed);
    if (!found) return undefined;
    const { gaveUp } = this;
    const course = {
      transport: 'embedded',
      seed,
      progressAtKills,
      gaveUp,
      crashes: [],
      harms: [
        { kind: 'kill −9', count: progressAtKills.length },
        { kind: 'full disk', count: gaveUp.length },
        ...[...this.atBorder].map(([kind, count]) => ({ kind, count })),
      ],
      elapsedMs: Math.round(clock.monotonicMs() - this.startedMs),
    } as const;
    return proveSame(
      { application: unbroken, accounting: reference.accounting },
      { application: killed, accounting: found },
      course,
    );
  }

  /** Makes a store with the events in its input topics. */
  private async application(name: string, events: string): Promise<ChaosApplication> {
    const { clock, say, threads = 1 } = this.options;
    const file = join(this.folder, `${name}.yaml`);
    const application = new ChaosApplication(file, chaosConfig(this.folder, name, threads), clock, say);
    await application.withTransport((transport) => sendEvents(events, transport));
    return application;
  }

  private async runUnbroken(application: ChaosApplication): Promise<Reference | undefined> {
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

  /** Kills runs until enough have been hit, a full disk now and then; returns the samples committed at each kill. */
  private async harm(application: ChaosApplication, reference: Reference): Promise<number[]> {
    const { killCount, seed, say, signal } = this.options;
    const random = seededRandom(seed);
    const progress: number[] = [];
    let hasFinished = false;
    while (progress.length < killCount && !signal.aborted) {
      const killed = await this.killOnce(application, reference, random, hasFinished);
      hasFinished = killed === undefined;
      if (killed === undefined) continue;
      const { samplesSeen } = await application.withTransport(committedCounts);
      progress.push(samplesSeen / reference.accounting.samples.seen);
      say(
        `kill −9, ${progress.length} of ${killCount}: ${killed}, ${percent(progress.at(-1)!)} of the samples committed`,
      );
      if (progress.length % KILLS_PER_BORDER_HARM === 0) await this.harmBorder(application);
      if (progress.length % KILLS_PER_FULL_DISK === 0) hasFinished = await this.fillDisk(application);
    }
    return progress;
  }

  /** One harm at the border, each kind in turn. */
  private async harmBorder(application: ChaosApplication): Promise<void> {
    const { say, signal } = this.options;
    if (signal.aborted) return;
    const count = [...this.atBorder.values()].reduce((sum, each) => sum + each, 0);
    const kind = BORDER_HARMS[count % BORDER_HARMS.length]!;
    const yaml = chaosConfig(this.folder, application.config.application, this.options.threads ?? 1);
    await this.begin(application);
    const what = await harmBorder(kind, {
      application,
      yaml,
      start: (file) => this.start({ file }),
      signal,
    });
    this.atBorder.set(kind, (this.atBorder.get(kind) ?? 0) + 1);
    say(`${kind}: ${what}`);
  }

  /** Lets an application that has committed nothing yet commit something. */
  private async begin(application: ChaosApplication): Promise<void> {
    const committed = await application.withTransport((transport) => transport.committedAll());
    if ([...committed.values()].some(({ progress }) => progress !== null)) return;
    const child = this.start(application);
    await this.firstCommit(application, child);
    child.kill();
    await child.ended;
  }

  /** @returns where it fell; undefined when the run was faster and has come to its end */
  private async killOnce(
    application: ChaosApplication,
    reference: Reference,
    random: Random,
    hasFinished: boolean,
  ): Promise<string | undefined> {
    const { killCount, clock, signal } = this.options;
    const { after, delayMs } = drawKillMoment(random, reference, killCount, hasFinished);
    const child = this.start(application);
    const reached = {
      start: () => Promise.resolve(),
      join: () => child.joined,
      commit: () => this.firstCommit(application, child),
    };
    const end = await killAt(child, reached[after](), delayMs, clock);
    if (end) return void accountingOfEnd(end, signal);
    return `${seconds(delayMs)} after its ${MOMENTS[after]}`;
  }

  /**
   * Runs with hardly any room for the store to grow, until the run gives up.
   * @returns true when it came to its end instead
   */
  private async fillDisk(application: ChaosApplication): Promise<boolean> {
    const { say, signal } = this.options;
    const store = join(application.config.transport.path, 'data.mdb');
    const maxFileBlocks = Math.ceil((statSync(store).size + ROOM_BYTES) / BLOCK_BYTES);
    const { status, lastWords } = await this.start(application, { maxFileBlocks }).ended;
    if (signal.aborted || status === 0) return status === 0;
    const code = NO_ROOM.exec(lastWords)?.[0];
    if (status !== GAVE_UP_STATUS || code === undefined)
      throw new SluiceError('child-failed', { status: status ?? 'signal', why: lastWords });
    this.gaveUp.push(code);
    say(`a full disk: the run gave up with status ${status} and ${code}`);
    return false;
  }

  /** Resolves once a run has committed something, or has ended. */
  private firstCommit(application: ChaosApplication, child: RunChild): Promise<void> {
    const { clock } = this.options;
    const isOver = new AbortController();
    void child.ended.then(() => isOver.abort());
    return application.withTransport(async (transport) => {
      const position = async () => JSON.stringify([...(await transport.committedAll()).values()]);
      const before = await position();
      while ((await position()) === before && (await clock.sleep(LOOK_EVERY_MS, isOver.signal)));
    });
  }

  private async finish(application: ChaosApplication): Promise<Accounting | undefined> {
    this.options.say('and now to the end');
    return accountingOfEnd(await this.start(application).ended, this.options.signal);
  }

  private start({ file }: Pick<ChaosApplication, 'file'>, words: Pick<RunWords, 'maxFileBlocks'> = {}): RunChild {
    const { signal } = this.options;
    const child = startRun(file, { untilEnd: true, logLevel: 'info', ...words });
    signal.addEventListener('abort', child.kill, { once: true });
    if (signal.aborted) child.kill();
    void child.ended.then(() => signal.removeEventListener('abort', child.kill));
    return child;
  }
}

/** An unbroken run: how long its parts took, and what it made of the events. */
interface Reference extends Pace {
  readonly accounting: Accounting;
}

/**
 * Small units and frequent checkpoints: more borders for a kill to fall on. A short window: some interactions are late.
 * Which samples contradict the champion depends on the moment a refit ends, so that flag is off.
 */
function chaosConfig(folder: string, name: string, threads: number): string {
  return `application: ${name}
transport: { kind: embedded, path: ${JSON.stringify(join(folder, name))} }
topics: { partitions: ${threads} }
run: { threads: ${threads} }
privacy: { keyFile: ${JSON.stringify(join(folder, 'pseudonym.key'))} }
encoder: { cachePath: ${JSON.stringify(join(folder, `${name}.vectors`))} }
join: { attributionWindowMs: 120000, allowedLatenessMs: 30000 }
selection: { scorer: uniform, budget: 0.3 }
quality: { contradicted: { action: off } }
retrain: { everySamples: 4000, proof: { enabled: false } }
state: { checkpointEveryMs: 500 }
drain: { checkpointBytes: 134217728 }
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
