import { catchError, EMPTY, from, ignoreElements, mergeMap, type Observable, of, throwError } from 'rxjs';
import { SluiceError } from '../errors.js';
import type { HealthBoard } from '../observe/health-board.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { InputGrowth, Transport } from '../ports/transport.js';
import { polled } from '../stream/polled.js';

const LOOK_EVERY_MS = 5_000;

/** What is looked at, and who is told. */
export interface GrowthWatch {
  readonly transport: Pick<Transport, 'grownInputs'>;
  readonly clock: Clock;
  readonly health: Pick<HealthBoard, 'impede' | 'relieve'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Looks every few seconds, until the abort, whether the inputs have got further partitions, and says so. While a run that
 * begins now would be refused, that stands in the way of readiness.
 * @throws SluiceError `inputs-grew` once it would not: everything that counts partitions has to begin anew
 */
export function watchGrowth({ transport, clock, health, logger }: GrowthWatch, signal: AbortSignal): Observable<never> {
  let said = '';
  const say = ({ topics, waitsFor, movesSessions }: InputGrowth): Observable<never> => {
    const told = topics.map(({ topic, from, to }) => `${topic} (${from} to ${to})`).join(', ');
    const next = waitsFor === null ? BEGINS : `what lies on them is not read yet: ${waitsFor}`;
    if (told + next !== said)
      logger.warn('the input topics have further partitions', {
        topics,
        next,
        ...(movesSessions ? { sessions: MOVED } : {}),
      });
    said = told + next;
    if (waitsFor === null) return throwError(() => new SluiceError('inputs-grew', { topics: told }));
    health.impede('inputs-differ', `${told}; ${waitsFor}`);
    return EMPTY;
  };
  return polled(clock, LOOK_EVERY_MS, signal, () =>
    from(transport.grownInputs()).pipe(
      // That the log does not answer is seen elsewhere.
      catchError(() => of<InputGrowth>()),
      mergeMap((growth) => {
        if (growth.topics.length > 0) return say(growth);
        health.relieve('inputs-differ');
        return EMPTY;
      }),
      ignoreElements(),
    ),
  );
}

const BEGINS = 'the run begins anew and reads them from their beginning';
const MOVED =
  'keys move when partitions are added: what was shown before and acted on after does not join where its session has moved, and such sessions begin without their history; transport.repartition: session keeps sessions where they are';
