import { catchError, EMPTY, from, lastValueFrom, type Observable } from 'rxjs';
import type { JudgedBundle } from '../bundle/sample.js';
import { messageOf, whyOf } from '../errors.js';
import type { FittedModel } from '../ports/trainer.js';
import { nextSequence } from '../snapshot/fold.js';
import { promoted } from '../snapshot/history.js';
import type { SnapshotManifest, TrainedOn } from '../snapshot/manifest.js';
import { sealManifest } from '../snapshot/pack.js';
import { appendSnapshot, retireSnapshots, type Reasons } from '../snapshot/publish.js';
import { selfTestOf } from '../snapshot/self-test.js';
import { polled } from '../stream/polled.js';
import { serial } from '../stream/serial.js';
import { calibrate, type Calibrated } from './calibrate/calibrate.js';
import { judge, type Verdict } from './evaluate/judge.js';
import { tally } from './fit/correction.js';
import { fitInHalves } from './fit/request.js';
import { createIntake } from './intake.js';
import { beginFits, recordFit } from './report.js';
import { createProver } from './proof/prover.js';
import { dueTrigger, lastFit, type LastFit } from './trigger.js';
import type { FitReport, Retrainer, RetrainerDeps } from './types.js';

/** How old the knowledge may be that no rows came, between two looks: a fetch that waits tells it once a second. */
const MAY_BE_OLD_MS = 3_000;

/** What the application had seen when a fit began. */
type Seen = Pick<TrainedOn, 'seen' | 'seenBy'>;

/** The verdict, its reason after the one that the fit was asked for with. */
function because(verdict: Verdict, asked: Reasons | undefined): Verdict {
  if (asked === undefined) return verdict;
  const { decision } = verdict;
  return { ...verdict, decision: { ...decision, reason: `${asked.why}; ${decision.reason}` } };
}

/** Makes a learner; nothing is read before it is asked to. */
export function createRetrainer(deps: RetrainerDeps): Retrainer {
  const { transport, follower, clock, logger, metrics, retrain } = deps;
  beginFits(metrics, retrain.learner);
  const intake = createIntake(deps);
  const prover = createProver(deps, intake.held);
  const never = new AbortController().signal;
  // The last fit this process tried, whatever came of it: a failing fit waits for the next trigger like any other.
  let tried: LastFit | undefined;
  const beganAtMs = clock.nowMs();
  let live: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  /** One drain or fit at a time: reader and rows have one owner. */
  const inTurn = serial();

  function trigger(seen: number, nowMs: number) {
    const last = lastFit(follower.manifests(), tried, beganAtMs);
    metrics.gauge('sluice_samples_since_fit', Math.max(0, seen - last.seen));
    return dueTrigger({ retrain, last, seen, nowMs, drifted: intake.drift.raised(follower.manifest()?.version) });
  }

  async function run(
    seen: number,
    signal: AbortSignal,
    seenBy?: readonly number[],
    asked?: Reasons,
  ): Promise<FitReport | undefined> {
    const startedMs = clock.monotonicMs();
    const cause = trigger(seen, clock.nowMs()) ?? 'asked';
    tried = { seen, atMs: clock.nowMs() };
    await follower.catchUp();
    await intake.drain(signal);
    const rows = intake.held.rowsToFit(seenBy);
    if (signal.aborted || !enough(rows)) return undefined;
    logger.debug('fitting', { trigger: cause, rows: rows.rowCount });
    const fitted = await attempt('fit', 'failed', signal, () => deps.trainer.fit(fitInHalves(retrain, rows), signal));
    const model = fitted && (await attempt('calibrate', 'refused', signal, () => calibrated(fitted, seenBy, signal)));
    const sealed =
      model &&
      (await attempt('judge', 'refused', signal, () =>
        judged(model, rows, { seen, seenBy: seenBy ?? null }, signal, asked),
      ));
    if (!sealed || signal.aborted) return undefined;
    intake.drift.answer();
    await publish(sealed, model, asked);
    if (deps.provesBetweenFits ?? true) prover.afterFit(signal);
    return report(cause, sealed, clock.monotonicMs() - startedMs);
  }

  function enough(rows: JudgedBundle): boolean {
    const { positives } = tally(rows);
    if (positives >= retrain.minPositives && positives < rows.rowCount) return true;
    const { rowCount } = rows;
    logger.info('too few rows of one class to fit', { rows: rowCount, positives, minPositives: retrain.minPositives });
    deps.onNoCandidate?.(
      `${rowCount} rows, ${positives} of them positive; retrain.minPositives = ${retrain.minPositives}`,
    );
    return false;
  }

  /** Runs a step whose failure leaves the champion as it is; undefined when it failed or was aborted. */
  async function attempt<T>(
    step: string,
    result: string,
    signal: AbortSignal,
    take: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await take();
    } catch (thrown) {
      if (signal.aborted) return undefined;
      metrics.count('sluice_fits_total', 1, { learner: retrain.learner, result });
      const reason = messageOf(thrown);
      logger.error('no candidate, the champion stays', { step, learner: retrain.learner, reason });
      deps.onNoCandidate?.(`${step}: ${reason}`);
      return undefined;
    }
  }

  async function calibrated(
    fitted: FittedModel,
    seenBy: readonly number[] | undefined,
    signal: AbortSignal,
  ): Promise<FittedModel & Calibrated> {
    const { trainer, loader, featureSetId } = deps;
    const on = { audit: intake.held.rowsToJudge(seenBy), champion: follower.manifest()?.calibration };
    const settings = retrain.calibration;
    return { ...fitted, ...(await calibrate(fitted, { settings, trainer, loader, featureSetId, ...on }, signal)) };
  }

  async function judged(
    fitted: FittedModel & Calibrated,
    rows: JudgedBundle,
    seen: Seen,
    signal: AbortSignal,
    asked: Reasons | undefined,
  ): Promise<SnapshotManifest> {
    const sequence = nextSequence(follower.state());
    const counts = tally(rows);
    const candidate = await deps.loader.load(fitted.onnx, `candidate-${sequence}`, deps.featureSetId);
    const champion = follower.champion();
    const letGo = champion?.hold?.();
    try {
      const contest = {
        candidate,
        champion,
        audit: fitted.judging,
        fallback: () => intake.held.rowsToFit(seen.seenBy ?? undefined),
      };
      const { pointer } = follower.state();
      const pin = pointer?.isPinned ? pointer.version : undefined;
      const rules = { policy: retrain.promote, guards: retrain.guards };
      const verdict = await judge({ ...contest, ...rules, baseRate: counts.baseRate, pin }, signal);
      const selfTest = await selfTestOf(candidate, fitted.judging);
      return sealManifest(
        { ...draftOf(fitted, counts, seen, because(verdict, asked)), selfTest },
        fitted.onnx,
        sequence,
      );
    } finally {
      letGo?.();
      await candidate.close();
    }
  }

  function draftOf(fitted: FittedModel & Calibrated, counts: ReturnType<typeof tally>, seen: Seen, verdict: Verdict) {
    const { rows, positives, sumOfWeights } = counts;
    return {
      createdAtMs: clock.nowMs(),
      featureSetId: deps.featureSetId,
      columns: deps.columnNames,
      learner: retrain.learner,
      memberCount: fitted.memberCount,
      trainedOn: { rows, positives, sumOfWeights, ...seen, untilOffsets: intake.untilOffsets() },
      gain: [...fitted.gain],
      fitMs: fitted.fitMs,
      calibration: fitted.calibration,
      metrics: { candidate: verdict.candidate, champion: verdict.champion },
      parent: follower.manifest()?.version ?? null,
      provenance: deps.madeBy ? { seed: retrain.seed, ...deps.madeBy } : null,
      decision: verdict.decision,
    };
  }

  async function publish(manifest: SnapshotManifest, { onnx }: FittedModel, asked: Reasons | undefined): Promise<void> {
    const { version, createdAtMs, decision } = manifest;
    const present = follower.state().pointer;
    const author = { by: 'learner', who: asked?.who ?? null, why: decision.reason, atMs: createdAtMs } as const;
    const isPromoted = decision.outcome === 'promoted' && !present?.isPinned;
    const pointer = isPromoted ? promoted(present, version, author) : undefined;
    await appendSnapshot(transport, manifest, onnx, pointer, deps.keyring);
    await follower.catchUp();
    await retireSnapshots(transport, follower.state(), retrain.keepSnapshots);
  }

  function report(cause: FitReport['trigger'], manifest: SnapshotManifest, durationMs: number): FitReport {
    recordFit(metrics, manifest);
    const { version, decision, trainedOn, metrics: both } = manifest;
    logger.info('snapshot published', {
      snapshotVersion: version,
      trigger: cause,
      ...decision,
      rows: trainedOn.rows,
      positives: trainedOn.positives,
      calibration: manifest.calibration?.method ?? null,
      candidateNormalisedEntropy: both.candidate?.overall.normalisedEntropy ?? null,
      championNormalisedEntropy: both.champion?.overall.normalisedEntropy ?? null,
      durationMs: Math.round(durationMs),
    });
    return { trigger: cause, manifest, promoted: decision.outcome === 'promoted', durationMs };
  }

  const lookedAt$ = (seenCount: () => number, signal: AbortSignal): Observable<void> =>
    polled(clock, deps.pollEveryMs ?? 1_000, signal, () =>
      from(inTurn(() => look(seenCount, signal))).pipe(
        catchError((thrown: unknown) => {
          logger.warn('the learner could not go on, trying again', { reason: whyOf(thrown) });
          return EMPTY;
        }),
      ),
    );

  async function look(seenCount: () => number, signal: AbortSignal): Promise<void> {
    await intake.drain(signal, MAY_BE_OLD_MS);
    if (!signal.aborted && trigger(seenCount(), clock.nowMs()) !== undefined) await run(seenCount(), signal);
  }

  async function stop(): Promise<void> {
    live?.stop.abort();
    await live?.ended;
    await prover.stop();
    live = undefined;
  }

  return {
    async catchUp() {
      await follower.catchUp();
      await inTurn(() => intake.drain(never));
    },
    due: (seen, nowMs) => trigger(seen, nowMs) !== undefined,
    run: (seen, signal = never, seenBy, asked) => inTurn(() => run(seen, signal, seenBy, asked)),
    start(seenCount) {
      if (live !== undefined) return;
      const stopLive = new AbortController();
      const ended = lastValueFrom(lookedAt$(seenCount, stopLive.signal), { defaultValue: undefined });
      live = { stop: stopLive, ended };
    },
    async prove(signal = never) {
      if (!retrain.proof.enabled) return undefined;
      await follower.catchUp();
      await inTurn(() => intake.drain(signal));
      return prover.now(signal);
    },
    proof: () => prover.latest(),
    proofs: () => prover.all(),
    stop,
    async close() {
      await stop();
      await inTurn(() => Promise.resolve());
      await intake.close();
    },
  };
}
