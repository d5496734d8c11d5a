import { catchError, map, merge, type Observable, of, tap } from 'rxjs';
import { messageOf } from '../errors.js';
import type { HealthBoard } from '../observe/health-board.js';
import type { Clock } from '../ports/clock.js';
import type { Transport } from '../ports/transport.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import { polled } from '../stream/polled.js';
import { within } from '../stream/within.js';

const LOOK_EVERY_MS = 5_000;
/** An answer that takes longer is none. */
const ANSWER_WITHIN_MS = 10_000;

/** What is looked at. */
export interface Outside {
  readonly transport: Pick<Transport, 'endOffsets'>;
  readonly follower: Pick<SnapshotFollower, 'champion' | 'refusal'>;
  readonly clock: Clock;
  readonly health: Pick<HealthBoard, 'impede' | 'relieve'>;
}

/**
 * Looks every few seconds, until the abort, whether what the work rests on is there: the log, by a plain question that no
 * partition asks, and the champion where one was promoted. Shows it as an impediment and never fails.
 */
export function watchOutside(
  { transport, follower, clock, health }: Outside,
  signal: AbortSignal,
): Observable<unknown> {
  /** One question at a time, however long the answer takes. */
  let asked: Promise<unknown> | undefined;
  const log$ = polled(clock, LOOK_EVERY_MS, signal, () => {
    asked ??= transport.endOffsets('impressions').finally(() => (asked = undefined));
    return within(clock, ANSWER_WITHIN_MS, asked).pipe(
      map((isAnswered) => (isAnswered ? null : `no answer within ${ANSWER_WITHIN_MS / 1000} s`)),
      catchError((thrown: unknown) => of(messageOf(thrown))),
    );
  });
  const champion$ = polled(clock, LOOK_EVERY_MS, signal, () =>
    of(follower.champion() === undefined ? (follower.refusal() ?? null) : null),
  );
  const shown = (code: 'log-unreachable' | 'no-champion') =>
    tap((reason: string | null) => (reason === null ? health.relieve(code) : health.impede(code, reason)));
  return merge(log$.pipe(shown('log-unreachable')), champion$.pipe(shown('no-champion')));
}
