import { float64Of, type CapturedColumns } from '../state/captured.js';
import type { Key } from '../state/keys.js';
import type { CapturedPart } from './family.js';

/** How fast a session's interest forgets: each new item's vector comes in with this share. */
const NEW_SHARE = 0.4;

/**
 * Text vectors of recently shown items, and what each session has acted on lately as one vector: an exponential moving
 * average of the items' unit vectors. Both are bounded; the ones longest untouched go first.
 */
export class Interests implements CapturedPart {
  readonly names = ['itemKeys', 'itemValues', 'sessionKeys', 'sessionValues'];
  private readonly itemVectors = new Map<Key, Float32Array>();
  private readonly sessionVectors = new Map<Key, Float32Array>();

  constructor(private readonly maxEntries: number) {}

  /** Remembers an item's vector so that a later interaction finds it. */
  rememberItem(item: Key, vector: Float32Array): void {
    this.itemVectors.delete(item);
    this.itemVectors.set(item, vector);
    evictOldest(this.itemVectors, this.maxEntries);
  }

  /** The vector of an item that was shown lately. */
  vectorOf(item: Key): Float32Array | undefined {
    return this.itemVectors.get(item);
  }

  /** Moves the session's interest towards an item it acted on; nothing happens when the item's text is unknown. */
  act(session: Key, item: Key): void {
    const vector = this.itemVectors.get(item);
    if (!vector) return;
    const interest = this.sessionVectors.get(session);
    this.sessionVectors.delete(session);
    this.sessionVectors.set(session, interest ? between(interest, vector) : vector.slice());
    evictOldest(this.sessionVectors, this.maxEntries);
  }

  /** The session's interest vector (not normalised), or undefined before it acted on an item with text. */
  of(session: Key): Float32Array | undefined {
    return this.sessionVectors.get(session);
  }

  /** The vectors themselves, least lately used first: none of them is ever changed, so they are shared. */
  capture(): CapturedColumns {
    const { itemVectors, sessionVectors } = this;
    return {
      itemKeys: Float64Array.from(itemVectors.keys()),
      itemValues: [...itemVectors.values()],
      sessionKeys: Float64Array.from(sessionVectors.keys()),
      sessionValues: [...sessionVectors.values()],
    };
  }

  restore(captured: CapturedColumns): void {
    for (const [name, vectors] of [
      ['item', this.itemVectors],
      ['session', this.sessionVectors],
    ] as const) {
      vectors.clear();
      const keys = float64Of(captured, `${name}Keys`);
      const values = captured[`${name}Values`] ?? [];
      const dimensions = keys.length === 0 ? 0 : values.length / keys.length;
      keys.forEach((key, i) => {
        const vector = values instanceof Float32Array ? values.slice(i * dimensions, (i + 1) * dimensions) : values[i];
        if (vector instanceof Float32Array) vectors.set(key, vector);
      });
    }
  }
}

function between(interest: Float32Array, vector: Float32Array): Float32Array {
  const moved = new Float32Array(interest.length);
  for (let i = 0; i < moved.length; i++) moved[i] = interest[i]! + NEW_SHARE * (vector[i]! - interest[i]!);
  return moved;
}

function evictOldest(vectors: Map<Key, Float32Array>, most: number): void {
  if (vectors.size <= most) return;
  const oldest = vectors.keys().next().value;
  if (oldest !== undefined) vectors.delete(oldest);
}

/** Dot product of two vectors of one length, summed in order. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Cosine of two vectors; missing where one is, or is all zeros. */
export function cosine(a: Float32Array | null, b: Float32Array | null): number {
  if (!a || !b) return NaN;
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms > 0 ? dot(a, b) / norms : NaN;
}

/**
 * The four dot products of two vectors with two others: a·c, a·d, b·c, b·d. Each is summed as {@link dot} sums and equals it
 * in every bit; a sum waits for its last addition, so that four in one loop take hardly longer than one.
 */
export function fourDots(a: Float32Array, b: Float32Array, c: Float32Array, d: Float32Array, into: Float64Array): void {
  let ac = 0;
  let ad = 0;
  let bc = 0;
  let bd = 0;
  for (let i = 0; i < a.length; i++) {
    const ai = a[i]!;
    const bi = b[i]!;
    const ci = c[i]!;
    const di = d[i]!;
    ac += ai * ci;
    ad += ai * di;
    bc += bi * ci;
    bd += bi * di;
  }
  into[0] = ac;
  into[1] = ad;
  into[2] = bc;
  into[3] = bd;
}
