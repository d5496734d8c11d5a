import {
  catchError,
  defer,
  EMPTY,
  firstValueFrom,
  identity,
  lastValueFrom,
  merge,
  type Observable,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';
import { systemClock } from '../adapters/system/index.js';
import { liveOf } from '../config/live.js';
import type { Config } from '../config/schema.js';
import { messageOf, SluiceError } from '../errors.js';
import type { Ailing } from '../ports/transport.js';
import { afterwards } from '../stream/afterwards.js';
import { elapsed } from '../stream/elapsed.js';
import { mergeDraining } from '../stream/merge-draining.js';
import { inTurn, Turns } from '../stream/turns.js';
import { aborted } from '../stream/until-aborted.js';
import { within } from '../stream/within.js';
import { accountingOf, type Accounting } from './accounting.js';
import { endOfInput } from './end-of-input.js';
import { type Assignment, leasesOf, type Membership } from './leases.js';
import { mended } from './mended.js';
import { ErrorCount } from './observed/error-count.js';
import { watchGrowth } from './growth-watch.js';
import { type Ground, openRun } from './open-run.js';
import { watchOutside } from './outside.js';
import { lifeOf } from './partition-life.js';
import { provedAtEnd } from './prove-at-end.js';
import type { RunOptions } from './run-options.js';
import { refreshed } from './seen-samples.js';
import { stuckAfter } from './stuck.js';

export type { RunOptions } from './run-options.js';

/** Giving partitions back takes a little, however long the drain took. */
const LEAST_LEAVE_MS = 2_000;
/** How long everything may take to close once no batch is under way. */
const CLOSE_MS = 5_000;
/** Partitions that restore at a time, for each thread: one computes while the other one reads. The first one has it to itself. */
const RESTORES_A_THREAD = 2;

/**
 * Runs the processor until the signal, the end of the input, or a failure that restarting does not mend.
 * @returns the application's accounting, this run's wall time in it
 */
export async function runSluice(config: Config, options: RunOptions): Promise<Accounting> {
  const clock = options.clock ?? systemClock;
  const startedMs = clock.monotonicMs();
  const errors = new ErrorCount(options.metrics);
  const { eventsDir, ...others } = options;
  let fed: Pick<RunOptions, 'eventsDir'> = eventsDir === undefined ? {} : { eventsDir };
  for (;;) {
    try {
      return await oneRun(asItIsNow(config, options), { ...others, ...fed, clock, errors }, startedMs);
    } catch (thrown) {
      // A transport that was given is closed by now, so its owner begins anew.
      if (!isBegunAnew(thrown) || options.transport !== undefined) throw thrown;
      fed = {};
    }
  }
}

/** The config with what was changed live: a run that begins anew goes on under it. */
function asItIsNow(config: Config, { live }: Pick<RunOptions, 'live'>): Config {
  return live === undefined ? config : { ...config, ...liveOf(live.config) };
}

/** What all of a run has to begin anew for; nothing is lost: the first texts chose another encoder, or the inputs have grown. */
const BEGUN_ANEW: ReadonlySet<string> = new Set(['encoder-chosen', 'inputs-grew']);

function isBegunAnew(thrown: unknown): boolean {
  return thrown instanceof SluiceError && BEGUN_ANEW.has(thrown.code);
}

async function oneRun(
  config: Config,
  options: RunOptions & Pick<Ground, 'clock' | 'errors'>,
  startedMs: number,
): Promise<Accounting> {
  const { clock, errors } = options;
  const closers: (() => Promise<void>)[] = [];
  const closing = async (): Promise<void> => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const ground = await openRun(config, options, (close) => closers.push(close));
    return await new Run(ground, startedMs).run();
  } catch (thrown) {
    if (isBegunAnew(thrown)) throw thrown;
    errors.note(thrown);
    options.health.fail(messageOf(thrown));
    throw thrown;
  } finally {
    if (!(await firstValueFrom(within(clock, CLOSE_MS, closing()))))
      options.logger.warn('left without waiting for everything to close; what was committed is safe');
  }
}

class Run implements Membership {
  /** The first one; thrown when everything has drained. */
  private failure: unknown;
  /** When a drain is over, monotonic ms; Infinity before it begins. */
  private drainUntilMs = Infinity;
  /** One after the other, the first partition is back long before the last; side by side all of them would be last. */
  private readonly restores: Turns;

  constructor(
    private readonly ground: Ground,
    private readonly startedMs: number,
  ) {
    const threadCount = ground.threads?.count ?? 1;
    this.restores = new Turns(RESTORES_A_THREAD * threadCount, threadCount);
  }

  async run(): Promise<Accounting> {
    const { options, transport, clock, retrainer, held } = this.ground;
    const partitionCount = await transport.partitionCount('impressions');
    const beside = this.beside$().subscribe();
    try {
      await lastValueFrom(this.worked$(partitionCount), { defaultValue: undefined });
      this.drain('end of the input');
      await this.leave();
    } finally {
      beside.unsubscribe();
    }
    if (this.failure !== undefined) throw this.failure;
    const wallMs = Math.round(clock.monotonicMs() - this.startedMs);
    const curation = await provedAtEnd(retrainer, options, held.had(0));
    const accounting = await accountingOf(transport, wallMs, curation);
    options.health.enter('stopped', 'all batches committed');
    return accounting;
  }

  /** Joins the group and works on every partition that is handed over, until the drain or the end of the input. */
  private worked$(partitionCount: number): Observable<unknown> {
    const { config, options, transport, clock, held, stop } = this.ground;
    return leasesOf(transport, this).pipe(
      options.untilEnd ? takeUntil(endOfInput(held.changes$, partitionCount, clock)) : identity,
      mergeDraining((assignment) => this.owned$(assignment), {
        signal: stop.signal,
        grace$: elapsed(clock, config.drain.timeoutMs),
        failed: (thrown) => this.failed(thrown),
      }),
    );
  }

  /** One partition, from its assignment to its release: as many lives as it takes, each of them watched. */
  private owned$({ lease, release }: Assignment): Observable<unknown> {
    const { config, options, clock, errors, stop, gate } = this.ground;
    const { health, logger } = options;
    const { partition } = lease;
    const signal = AbortSignal.any([lease.signal, stop.signal]);
    const patience = { clock, health, afterMs: config.transport.stuckAfterMs };
    let isFinished = false;
    this.take(partition);
    const watched$ = lifeOf(lease, this.ground, signal).pipe(
      // A stream that holds for its fits is silent while they run.
      gate.holds ? identity : stuckAfter(partition, patience),
    );
    const inTurn$ = watched$.pipe(inTurn(this.restores, signal, ({ kind }) => kind === 'restored'));
    return defer(() => lease.committed()).pipe(
      // Where nothing was ever committed there is nothing to restore.
      switchMap(({ progress }) => (progress === null ? watched$ : inTurn$)),
      tap(({ kind }) => {
        if (kind === 'restored' && partition === 0) void this.learn();
      }),
      mended(partition, { clock, health, logger, errors, signal }),
      tap((sign) => (isFinished = sign.kind === 'unit' && sign.look.isDone)),
      catchError((thrown: unknown) => {
        this.failed(thrown);
        return EMPTY;
      }),
      afterwards(() => this.giveBack(partition, isFinished)),
      tap({ complete: release, error: release }),
    );
  }

  /** What goes on beside the partitions: the wish to stop, and looks at what the work rests on. */
  private beside$(): Observable<unknown> {
    const { options, transport, clock, follower, seen, stop } = this.ground;
    const { health, logger, signal, untilEnd } = options;
    return merge(
      aborted(signal).pipe(tap(() => this.drain('asked to stop'))),
      untilEnd ? EMPTY : refreshed(seen, transport, clock, logger, stop.signal),
      watchGrowth({ transport, clock, health, logger }, stop.signal).pipe(
        catchError((thrown: unknown) => {
          this.failed(thrown);
          return EMPTY;
        }),
      ),
      untilEnd ? EMPTY : watchOutside({ transport, follower, clock, health }, stop.signal),
    );
  }

  private take(partition: number): void {
    const { options, held, gate } = this.ground;
    options.logger.info('partition assigned', { partition });
    held.take(partition);
    gate.take(partition);
  }

  /** The owner of partition 0 fits: one instance at a time, wherever it runs. What it reads first waits for the restores. */
  private async learn(): Promise<void> {
    const { retrainer, seen, held, gate } = this.ground;
    await this.restores.atRest();
    if (held.has(0) && !gate.holds) retrainer.start(() => seen.total());
  }

  private async giveBack(partition: number, isFinished: boolean): Promise<void> {
    const { options, retrainer, seen, held, gate } = this.ground;
    options.logger.info('partition given back', { partition, isFinished });
    options.health.relieve(`partition-${partition}`);
    options.watcher?.gaveBack(partition);
    seen.giveBack(partition);
    held.giveBack(partition, isFinished);
    gate.giveBack(partition);
    if (partition === 0 && !gate.holds) await retrainer.stop();
  }

  /** Gives the partitions back; a batch that does not end in time is left as a killed process would leave it. */
  private async leave(): Promise<void> {
    const { options, transport, clock } = this.ground;
    const leftMs = Math.max(LEAST_LEAVE_MS, this.drainUntilMs - clock.monotonicMs());
    if (!(await firstValueFrom(within(clock, leftMs, transport.leave()))))
      options.logger.warn('a batch did not end within drain.timeoutMs and is left; nothing committed is lost');
  }

  joined(): void {
    const { health } = this.ground.options;
    if (health.current.state === 'starting') health.enter('running', 'joined');
  }

  ailing(what: Ailing, reason: string | null): void {
    const { health } = this.ground.options;
    if (reason === null) health.relieve(what);
    else health.alarm(what, reason);
  }

  failed(thrown: unknown): void {
    const { health, logger } = this.ground.options;
    this.failure ??= thrown;
    if (isBegunAnew(this.failure)) return this.stop();
    health.fail(messageOf(thrown));
    logger.error('the run cannot go on', { reason: messageOf(thrown) });
    this.stop();
  }

  private drain(reason: string): void {
    // Its health goes on: it is the same process that begins anew.
    if (isBegunAnew(this.failure)) return this.stop();
    const { health } = this.ground.options;
    if (health.current.state === 'running' || health.current.state === 'starting') health.enter('draining', reason);
    this.stop();
  }

  private stop(): void {
    const { clock, config, stop } = this.ground;
    if (stop.signal.aborted) return;
    this.drainUntilMs = clock.monotonicMs() + config.drain.timeoutMs;
    stop.abort();
  }
}
