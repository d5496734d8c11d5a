import type { JudgedBundle } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import { shifted } from '../../events/shifted.js';
import { messageOf } from '../../errors.js';
import type { Model } from '../../ports/model.js';
import type { Decision, Evaluation } from '../../snapshot/manifest.js';
import { logLossOf, logLosses } from '../metrics/log-loss.js';
import { decide } from '../promote/decide.js';
import { guardOf } from '../promote/guards.js';
import { pairedBound } from '../promote/paired-bound.js';
import { evaluate } from './evaluation.js';
import { areProbabilities, predictAudit, predictRows } from './predict-rows.js';

/** Candidate and champion on the same audit samples, and what follows from it. */
export interface Verdict {
  readonly decision: Decision;
  /** null without audit samples. */
  readonly candidate: Evaluation | null;
  readonly champion: Evaluation | null;
}

/** What is judged, and on what. */
export interface Contest {
  readonly candidate: Model;
  readonly champion: Model | undefined;
  readonly audit: JudgedBundle;
  /** Rows that show whether the candidate predicts probabilities at all, when there are no audit samples. */
  readonly fallback: () => JudgedBundle;
  /** Base rate of the training rows: what the first candidate has to beat. */
  readonly baseRate: number;
  readonly policy: Config['retrain']['promote'];
  readonly guards: Config['retrain']['guards'];
  /** Version that an operator pinned; undefined: none. */
  readonly pin?: string | undefined;
}

/** Predicts the audit samples with both, measures both, and decides. */
export async function judge(contest: Contest, signal?: AbortSignal): Promise<Verdict> {
  const { candidate, champion, audit, policy } = contest;
  const { labels, surfaces, rowCount } = audit;
  const predicted = await (rowCount > 0
    ? predictAudit(candidate, audit, signal)
    : predictRows(candidate, contest.fallback(), signal));
  const finite = areProbabilities(predicted);
  const answer = champion && rowCount > 0 ? await championAnswer(champion, audit, signal) : undefined;
  const present = typeof answer === 'string' ? undefined : answer;
  const baseline = present
    ? logLosses(present, labels)
    : Float64Array.from(labels, (label, i) => logLossOf(shifted(contest.baseRate, audit.offsets[i]!), label));
  const bound = pairedBound(baseline, finite ? logLosses(predicted, labels) : baseline);
  const ofCandidate = rowCount > 0 && finite ? evaluate(audit, predicted) : null;
  const ofChampion = present ? evaluate(audit, present) : null;
  return {
    decision: decide({
      policy,
      champion: typeof answer === 'string' ? undefined : champion?.snapshotVersion,
      championFailed: typeof answer === 'string' ? answer : undefined,
      pin: contest.pin,
      bound,
      finite,
      guard: ofCandidate ? guardOf({ guards: contest.guards, labels, surfaces, predicted, present }) : undefined,
    }),
    candidate: ofCandidate,
    champion: ofChampion,
  };
}

/** What the champion predicts, or what is wrong with it: a failing champion must not keep its successor away. */
async function championAnswer(
  champion: Model,
  audit: JudgedBundle,
  signal: AbortSignal | undefined,
): Promise<Float32Array | string> {
  try {
    const predicted = await predictAudit(champion, audit, signal);
    return areProbabilities(predicted) ? predicted : 'it predicts something that is not a probability';
  } catch (thrown) {
    signal?.throwIfAborted();
    return messageOf(thrown);
  }
}
