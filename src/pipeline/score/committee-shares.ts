import type { CommitteeMemory, Scorer, ScorerSettings } from './scorer.js';

/** The α of each committee member: they sum to 1. */
export interface Shares {
  /** Shares for this champion; the same array from call to call, so they are read before {@link learn}. */
  of(memberCount: number, snapshotVersion: string): Float64Array;
  /** Learns from one row's label. `at` is the place of the row's first member. */
  learn(members: Float32Array, at: number, label: number): void;
}

/** The shares that the settings ask for, with the memory of those that learn. */
export function sharesOf(settings: ScorerSettings): { readonly shares: Shares } & Pick<Scorer, 'memory' | 'remember'> {
  if (!settings.learnCommitteeShares) return { shares: new FixedShares(settings.committeeShares) };
  const shares = new LearnedShares(settings.committeeShares, settings.committeeShareFloor);
  return { shares, memory: () => shares.memory, remember: (memory) => shares.remember(memory) };
}

/** Fixed shares: as given when there is one for each member, else equal. */
export class FixedShares implements Shares {
  private shares: Float64Array = new Float64Array(0);

  constructor(private readonly given: readonly number[]) {}

  of(memberCount: number): Float64Array {
    if (this.shares.length !== memberCount) this.shares = startingShares(this.given, memberCount);
    return this.shares;
  }

  learn(): void {}
}

/**
 * Shares that follow each member's loss: α_k = floor/K + (1 − floor)·β_k·exp(−η·L_k)/Σ, with L_k the member's Brier loss
 * summed over every sample of its snapshot so far, β the starting shares and η = sqrt(8·ln K / n): the exponentially
 * weighted forecaster, whose loss is at most sqrt(n·ln K) or so above the best member's, whatever the stream does. The
 * floor keeps every member heard, so that disagreement never dies out. Another snapshot begins anew: its members are
 * others. Committees of more than {@link MOST_LEARNED} members keep their starting shares, since what is learned must fit
 * into the progress record.
 * Source: Cesa-Bianchi & Lugosi 2006, Prediction, Learning, and Games, §2.2 and §2.3.
 */
export class LearnedShares implements Shares {
  private shares: Float64Array = new Float64Array(0);
  private start: Float64Array = new Float64Array(0);
  private losses = new Float64Array(0);
  private snapshotVersion = '';
  private sampleCount = 0;

  constructor(
    private readonly given: readonly number[],
    private readonly floor: number,
  ) {}

  of(memberCount: number, snapshotVersion: string): Float64Array {
    if (snapshotVersion !== this.snapshotVersion || memberCount !== this.losses.length) {
      this.snapshotVersion = snapshotVersion;
      this.begin(memberCount);
    }
    return this.shares;
  }

  learn(members: Float32Array, at: number, label: number): void {
    const memberCount = this.losses.length;
    if (memberCount < 2 || memberCount > MOST_LEARNED) return;
    this.sampleCount++;
    for (let k = 0; k < memberCount; k++) this.losses[k]! += (label - members[at + k]!) ** 2;
    this.weigh();
  }

  /** What has been learned about the present snapshot; null before anything. */
  get memory(): CommitteeMemory | null {
    const { snapshotVersion, sampleCount, losses } = this;
    return sampleCount === 0 ? null : { snapshotVersion, sampleCount, losses: [...losses] };
  }

  /** Takes over what {@link memory} gave. */
  remember({ snapshotVersion, sampleCount, losses }: CommitteeMemory): void {
    this.snapshotVersion = snapshotVersion;
    this.begin(losses.length);
    this.sampleCount = sampleCount;
    this.losses.set(losses);
    this.weigh();
  }

  private begin(memberCount: number): void {
    this.sampleCount = 0;
    this.losses = new Float64Array(memberCount);
    this.start = startingShares(this.given, memberCount);
    this.shares = this.start.slice();
  }

  private weigh(): void {
    const { losses, shares, start } = this;
    const memberCount = losses.length;
    const eta = Math.sqrt((8 * Math.log(memberCount)) / this.sampleCount);
    let least = Infinity;
    for (let k = 0; k < memberCount; k++) if (losses[k]! < least) least = losses[k]!;
    let total = 0;
    for (let k = 0; k < memberCount; k++) total += shares[k] = start[k]! * Math.exp(-eta * (losses[k]! - least));
    for (let k = 0; k < memberCount; k++)
      shares[k] = this.floor / memberCount + ((1 - this.floor) * shares[k]!) / total;
  }
}

/** Members beyond which shares are not learned: 64 sums take about 1.2 kB of the progress record. */
export const MOST_LEARNED = 64;

function startingShares(given: readonly number[], memberCount: number): Float64Array {
  const total = given.reduce((sum, share) => sum + share, 0);
  if (given.length !== memberCount || !(total > 0)) return new Float64Array(memberCount).fill(1 / memberCount);
  return Float64Array.from(given, (share) => share / total);
}
