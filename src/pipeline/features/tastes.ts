import { float64Of, type CapturedColumns } from '../state/captured.js';
import type { Key } from '../state/keys.js';
import type { CapturedPart } from './family.js';

interface Taste {
  /** Never changed: what comes after makes another. */
  readonly vector: Float32Array;
  readonly timeMs: number;
}

/**
 * What each person has acted on for long, as one vector: the sum of the items' unit vectors, each 2^(−age/half-life). It points
 * where their decayed mean points. Bounded; the ones longest untouched go first.
 */
export class Tastes implements CapturedPart {
  readonly names = ['keys', 'timesMs', 'values'];
  private readonly byPerson = new Map<Key, Taste>();

  constructor(
    private readonly halfLifeMs: number,
    private readonly maxEntries: number,
  ) {}

  /** @param unit vector of the item acted on */
  act(person: Key, unit: Float32Array, nowMs: number): void {
    const taste = this.byPerson.get(person);
    const left = taste ? 2 ** (Math.min(0, taste.timeMs - nowMs) / this.halfLifeMs) : 0;
    const vector = unit.map((value, i) => value + (taste ? left * taste.vector[i]! : 0));
    this.byPerson.delete(person);
    this.byPerson.set(person, { vector, timeMs: Math.max(nowMs, taste?.timeMs ?? nowMs) });
    if (this.byPerson.size <= this.maxEntries) return;
    const oldest = this.byPerson.keys().next().value;
    if (oldest !== undefined) this.byPerson.delete(oldest);
  }

  /** The sum as of the person's last action, not normalised; undefined before the first. */
  of(person: Key): Float32Array | undefined {
    return this.byPerson.get(person)?.vector;
  }

  /** The vectors themselves, least lately used first: none of them is ever changed, so they are shared. */
  capture(): CapturedColumns {
    const tastes = [...this.byPerson.values()];
    return {
      keys: Float64Array.from(this.byPerson.keys()),
      timesMs: Float64Array.from(tastes, ({ timeMs }) => timeMs),
      values: tastes.map(({ vector }) => vector),
    };
  }

  restore(captured: CapturedColumns): void {
    this.byPerson.clear();
    const [keys, timesMs] = [float64Of(captured, 'keys'), float64Of(captured, 'timesMs')];
    const values = captured['values'] ?? [];
    const dimension = keys.length === 0 ? 0 : values.length / keys.length;
    keys.forEach((person, i) => {
      const vector = values instanceof Float32Array ? values.slice(i * dimension, (i + 1) * dimension) : values[i];
      if (vector instanceof Float32Array) this.byPerson.set(person, { vector, timeMs: timesMs[i]! });
    });
  }
}
