import { BehaviorSubject } from 'rxjs';

/** Which partitions this instance holds, and which it has brought to the end of their input. */
export interface Holding {
  readonly held: ReadonlySet<number>;
  readonly finished: ReadonlySet<number>;
}

/** Keeps account of the partitions of this instance, now and since it began. */
export class Held {
  private readonly since = new Set<number>();
  private readonly holding$ = new BehaviorSubject<Holding>({ held: new Set(), finished: new Set() });

  /** The account as it is, and each time it changes. */
  readonly changes$ = this.holding$.asObservable();

  get count(): number {
    return this.holding$.value.held.size;
  }

  has(partition: number): boolean {
    return this.holding$.value.held.has(partition);
  }

  /** True when the partition was here at some time. */
  had(partition: number): boolean {
    return this.since.has(partition);
  }

  /** True when the partition is here, or was here to the end of its input: nobody else will work on it. */
  answersFor(partition: number): boolean {
    const { held, finished } = this.holding$.value;
    return held.has(partition) || finished.has(partition);
  }

  take(partition: number): void {
    this.since.add(partition);
    const { held, finished } = this.holding$.value;
    this.holding$.next({ held: new Set([...held, partition]), finished });
  }

  /** @param isFinished the end of its input was reached and committed */
  giveBack(partition: number, isFinished: boolean): void {
    const { held, finished } = this.holding$.value;
    this.holding$.next({
      held: new Set([...held].filter((other) => other !== partition)),
      finished: isFinished ? new Set([...finished, partition]) : finished,
    });
  }
}
