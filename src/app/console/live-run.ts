import { addCounts, noCounts, type Counts } from '../../pipeline/progress/counts.js';
import type { Clock } from '../../ports/clock.js';
import { Taps } from '../tap/taps.js';
import type { Tapped } from '../tap/where.js';
import type { Opened, RunWatcher } from '../run-watcher.js';
import type { PartitionLook } from '../partition-look.js';
import { type Decided, SelectionTally } from './selection-tally.js';

interface Held {
  /** undefined while it is restored. */
  look: PartitionLook | undefined;
  /** Of the unit of work that is under way. */
  selected: Decided | undefined;
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
  get partitions(): readonly (readonly [number: number, look: PartitionLook | undefined])[] {
    return [...this.held].map(([number, { look }]) => [number, look] as const).sort(([a], [b]) => a - b);
  }

  /** Counts of the application, over the partitions of this instance. */
  counts(): Counts {
    const total = noCounts();
    for (const { look } of this.held.values()) if (look) addCounts(total, look.counts);
    return total;
  }

  opened(ground: Opened): void {
    this.ground = ground;
  }

  restoring(partition: number): void {
    this.held.set(partition, { look: undefined, selected: undefined });
  }

  restored(partition: number, look: PartitionLook): void {
    this.held.set(partition, { look, selected: undefined });
  }

  selected(partition: number, decided: Decided): void {
    const held = this.held.get(partition);
    if (held) held.selected = decided;
  }

  gave(partition: number, stage: string, output: unknown): void {
    this.taps.gave(partition, stage, output);
  }

  tappedStages(): readonly string[] {
    return this.taps.stages;
  }

  tapped(partition: number, stage: string, records: readonly Tapped[]): void {
    this.taps.took(partition, stage, records);
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
