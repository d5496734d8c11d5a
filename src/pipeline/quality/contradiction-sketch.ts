/** Sources remembered at a time: with them the sketch takes half a kilobyte of the progress record. */
export const MOST_SOURCES = 24;

/** What the progress record holds of a sketch: the moment its numbers are scaled to, ms, and its columns as base64. */
export type SketchMemory = readonly [landmarkMs: number, columns: string];

/** Half-lives after which the numbers are scaled to a newer moment, long before a float32 runs out. */
const HALF_LIVES_A_LANDMARK = 8;
/** One key and three numbers a source. */
const BYTES_A_SOURCE = 16;

/**
 * The sources with the most contradictions, in bounded memory: Space-Saving (Metwally, Agrawal & El Abbadi 2005). A source
 * that is not known takes the place of the lightest and inherits its weight, so every source with more than 1/24 of all
 * contradictions is known. What decides is counted apart from the inherited weight, since the source came to be known:
 * `seen`, its contradictions, and `expected`, those that the committee's own probabilities allow. All decay exponentially
 * in event time, by forward decay (Cormode et al. 2009): what is added is scaled up instead of the rest down.
 *
 * Numbers are float32 in memory as in the progress record, so a restart goes on with the very same bits. It depends on the
 * sequence of calls alone.
 */
export class ContradictionSketch {
  private readonly keys = new Uint32Array(MOST_SOURCES);
  private readonly weight = new Float32Array(MOST_SOURCES);
  private readonly seen = new Float32Array(MOST_SOURCES);
  private readonly expected = new Float32Array(MOST_SOURCES);
  private count = 0;
  private landmarkMs = NaN;

  constructor(
    private readonly halfLifeMs: number,
    memory?: SketchMemory,
  ) {
    if (memory) this.remember(memory);
  }

  /** Brings the sketch to a time. @returns what one observation counts then, for the calls that follow */
  scaleAt(timeMs: number): number {
    if (Number.isNaN(this.landmarkMs)) this.landmarkMs = timeMs;
    const halfLives = (timeMs - this.landmarkMs) / this.halfLifeMs;
    if (halfLives >= HALF_LIVES_A_LANDMARK) this.moveLandmark(Math.floor(halfLives));
    return 2 ** ((timeMs - this.landmarkMs) / this.halfLifeMs);
  }

  /** Place of a source, or −1. */
  find(source: number): number {
    for (let at = 0; at < this.count; at++) if (this.keys[at] === source) return at;
    return -1;
  }

  /** Place for a source that is not known: a free one, else that of the lightest. */
  admit(source: number): number {
    let at = this.count;
    if (this.count < MOST_SOURCES) {
      this.weight[this.count++] = 0;
    } else {
      at = 0;
      for (let other = 1; other < MOST_SOURCES; other++) if (this.weight[other]! < this.weight[at]!) at = other;
    }
    this.keys[at] = source;
    this.seen[at] = 0;
    this.expected[at] = 0;
    return at;
  }

  /** Adds a sample of a known source: the chance it had of being a contradiction, and whether it was one. */
  add(at: number, chance: number, isContradiction: boolean, scale: number): void {
    this.expected[at]! += chance * scale;
    if (!isContradiction) return;
    this.seen[at]! += scale;
    this.weight[at]! += scale;
  }

  /** True when seen ≥ least·(1 + expected): `least` contradictions at the least, and `least` times as many as allowed. */
  exceeds(at: number, least: number, scale: number): boolean {
    return this.seen[at]! >= least * (scale + this.expected[at]!);
  }

  /** For the progress record; undefined while no source is known. */
  get memory(): SketchMemory | undefined {
    if (this.count === 0) return undefined;
    const bytes = Buffer.alloc(this.count * BYTES_A_SOURCE);
    for (let at = 0; at < this.count; at++) {
      const offset = at * BYTES_A_SOURCE;
      bytes.writeUInt32LE(this.keys[at]!, offset);
      bytes.writeFloatLE(this.weight[at]!, offset + 4);
      bytes.writeFloatLE(this.seen[at]!, offset + 8);
      bytes.writeFloatLE(this.expected[at]!, offset + 12);
    }
    return [this.landmarkMs, bytes.toString('base64')];
  }

  private remember([landmarkMs, columns]: SketchMemory): void {
    const bytes = Buffer.from(columns, 'base64');
    this.landmarkMs = landmarkMs;
    this.count = Math.min(MOST_SOURCES, Math.floor(bytes.length / BYTES_A_SOURCE));
    for (let at = 0; at < this.count; at++) {
      const offset = at * BYTES_A_SOURCE;
      this.keys[at] = bytes.readUInt32LE(offset);
      this.weight[at] = bytes.readFloatLE(offset + 4);
      this.seen[at] = bytes.readFloatLE(offset + 8);
      this.expected[at] = bytes.readFloatLE(offset + 12);
    }
  }

  /** By whole half-lives: powers of two change no digit. */
  private moveLandmark(halfLives: number): void {
    this.landmarkMs += halfLives * this.halfLifeMs;
    const factor = 2 ** -halfLives;
    for (const column of [this.weight, this.seen, this.expected])
      for (let at = 0; at < this.count; at++) column[at]! *= factor;
  }
}
