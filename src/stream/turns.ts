import { type MonoTypeOperatorFunction, Observable, Subscription } from 'rxjs';
import { aborted } from './until-aborted.js';

/** A few turns at a time, given in the order they were asked for. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private resting: (() => void)[] = [];
  private taken = 0;
  /** Turns there are now. */
  private open: number;

  /** @param atFirst turns there are until the first of them is over, and again after a rest */
  constructor(
    private readonly most: number,
    private readonly atFirst = most,
  ) {
    this.open = atFirst;
  }

  /** Begins when there is a turn, maybe at once. What is returned gives the turn back, or the wish for it; once is enough. */
  ask(begin: (end: () => void) => void): () => void {
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      const at = this.waiting.indexOf(wish);
      if (at >= 0) this.waiting.splice(at, 1);
      else {
        this.taken--;
        this.open = this.most;
      }
      this.next();
    };
    const wish = (): void => begin(end);
    this.waiting.push(wish);
    this.next();
    return end;
  }

  /** Resolves when nobody has a turn or waits for one. */
  atRest(): Promise<void> {
    if (this.taken === 0) return Promise.resolve();
    return new Promise((resolve) => this.resting.push(resolve));
  }

  private next(): void {
    while (this.taken < this.open && this.waiting.length > 0) {
      this.taken++;
      this.waiting.shift()!();
    }
    if (this.taken > 0) return;
    this.open = this.atFirst;
    const { resting } = this;
    this.resting = [];
    for (const rest of resting) rest();
  }
}

/**
 * Subscribes when there is a turn, and gives it back at the first value that ends it, or at the end of the stream. The abort
 * completes a stream that still waits; one that has begun sees it for itself.
 */
export function inTurn<T>(
  turns: Turns,
  signal: AbortSignal,
  isOver: (value: T) => boolean,
): MonoTypeOperatorFunction<T> {
  return (source$) =>
    new Observable((subscriber) => {
      const held = new Subscription();
      let hasBegun = false;
      held.add(
        turns.ask((end) => {
          hasBegun = true;
          held.add(
            source$.subscribe({
              next(value) {
                if (isOver(value)) end();
                subscriber.next(value);
              },
              error: (thrown: unknown) => subscriber.error(thrown),
              complete: () => subscriber.complete(),
            }),
          );
        }),
      );
      held.add(
        aborted(signal).subscribe(() => {
          if (!hasBegun) subscriber.complete();
        }),
      );
      return held;
    });
}
