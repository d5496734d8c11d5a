import type { Config } from '../../config/schema.js';
import { SURFACES } from '../../events/words.js';
import { ArrivalRate } from './arrival-rate.js';
import type { SelectionMemory } from './selection-memory.js';
import { Threshold } from './threshold.js';

/**
 * The controllers: one a surface that has a budget of its own, one for all others; and the same again for samples that no
 * champion scored, whose importances are of another scale.
 */
export class Budgets {
  private readonly scored: readonly Threshold[];
  private readonly unscored: readonly Threshold[];
  /** Controller of each surface, 0 the shared one. */
  private readonly indexOf: Uint8Array;
  private readonly arrivals: ArrivalRate | undefined;
  private readonly perSecond: number;

  constructor(settings: Config['selection'], lnMu: number | null, memory: SelectionMemory, partitionCount: number) {
    const { budget, budgets, defensiveShare, controllerRate, perSecond } = settings;
    const shares = [budget, ...SURFACES.map((surface) => budgets[surface] ?? budget)];
    const ages = memory.ages ?? [];
    const controllers = (lnMus: readonly (number | null)[], from: number): Threshold[] =>
      shares.map(
        (share, index) =>
          new Threshold(share, defensiveShare, controllerRate, lnMus[index] ?? null, ages[from + index] ?? null),
      );
    this.scored = controllers([lnMu, ...(memory.surfaces ?? [])], 0);
    this.unscored = controllers(memory.unscored ?? [], shares.length);
    this.indexOf = Uint8Array.from(SURFACES, (surface, index) => (budgets[surface] === undefined ? 0 : index + 1));
    this.perSecond = perSecond / partitionCount;
    this.arrivals = perSecond > 0 ? new ArrivalRate(memory.arrivals) : undefined;
  }

  /** The controller that a sample of a surface answers to. */
  of(surface: number, isScored: boolean): Threshold {
    return (isScored ? this.scored : this.unscored)[this.indexOf[surface]!]!;
  }

  /** Moves the shared budget to what the rate per second allows at this sample's time; nothing without one. */
  arrive(timeMs: number): void {
    if (!this.arrivals) return;
    this.arrivals.observe(timeMs);
    const share = Math.min(1, this.perSecond / this.arrivals.perSecond);
    this.scored[0]!.budget = share;
    this.unscored[0]!.budget = share;
  }

  /** True when a controller that some surface answers to has not begun. */
  hasToBegin(isScored: boolean): boolean {
    const controllers = isScored ? this.scored : this.unscored;
    return this.indexOf.some((index) => controllers[index]!.state === null);
  }

  /** ln μ of the shared controller. */
  get lnMu(): number | null {
    return this.scored[0]!.state;
  }

  /** The rest, for the progress record. */
  get memory(): SelectionMemory {
    const states = (controllers: readonly Threshold[]): (number | null)[] => controllers.map(({ state }) => state);
    const surfaces = states(this.scored.slice(1));
    const unscored = states(this.unscored);
    const ages = [...this.scored, ...this.unscored].map(({ youth }) => youth);
    const arrivals = this.arrivals?.memory;
    const isKnown = (state: number | null): boolean => state !== null;
    return {
      ...(surfaces.some(isKnown) ? { surfaces } : {}),
      ...(unscored.some(isKnown) ? { unscored } : {}),
      ...(ages.some(isKnown) ? { ages } : {}),
      ...(arrivals ? { arrivals } : {}),
    };
  }
}
