import { addCounts, noCounts, type Counts } from '../../pipeline/progress/counts.js';
import type { Partition } from '../../pipeline/partition.js';
import type { Selected } from '../../pipeline/stages/select.js';
import type { Clock } from '../../ports/clock.js';
import { Taps } from '../tap/taps.js';
import type { Opened, RunWatcher } from '../run-watcher.js';
import { SelectionTally } from './selection-tally.js';

interface Held {
  /** undefined while it is restored. */
  partition: Partition | undefined;
  /** Of the unit of work that is under way. */
  selected: Selected | undefined;
}

/**
 * What a run holds right now. Nothing is copied: its partitions, its champion and its proofs are asked when somebody
 * looks, so that no number is kept twice. Only the newest minute of decisions is added up, since nobody else keeps it.
 */
export class LiveRun implements RunWatcher {
  readonly tally = new SelectionTally();
  readonly taps = new Taps();
  private readonly held = new Map<number, Held>();
  private ground: Opened | undefined;

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** undefined before the run has opened its parts. */
  get open(): Opened | undefined {
    return this.ground;
  }

  /** Those of this instance, by number. */
  get partitions(): readonly (readonly [number: number, partition: Partition | undefined])[] {
    return [...this.held].map(([number, { partition }]) => [number, partition] as const).sort(([a], [b]) => a - b);
  }

  /** Counts of the application, over the partitions of this instance. */
  counts(): Counts {
    const total = noCounts();
    for (const { partition } of this.held.values()) if (partition) addCounts(total, partition.counts);
    return total;
  }

  opened(ground: Opened): void {
    this.ground = ground;
  }

  restoring(partition: number): void {
    this.held.set(partition, { partition: undefined, selected: undefined });
  }

  restored(partition: number, as: Partition): void {
    this.held.set(partition, { partition: as, selected: undefined });
  }

  selected(partition: number, selected: Selected): void {
    const held = this.held.get(partition);
    if (held) held.selected = selected;
  }

  gave(partition: number, stage: string, output: unknown): void {
    this.taps.gave(partition, stage, output);
  }

  committed(partition: number): void {
    const held = this.held.get(partition);
    if (held?.selected) this.tally.observe(held.selected, this.clock.monotonicMs());
    if (held) held.selected = undefined;
  }

  gaveBack(partition: number): void {
    this.held.delete(partition);
  }
}
