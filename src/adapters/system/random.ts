import { randomUUID } from 'node:crypto';
import type { Random } from '../../ports/random.js';

/**
 * A seeded generator of uniform numbers in [0, 1), multiples of 2⁻³². The same seed gives the same sequence on every
 * machine; the seed is taken modulo 2³².
 * Source: sfc32 of PractRand 0.94 (Doty-Humphrey), warmed up with 12 rounds.
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** Unpredictable numbers in [0, 1), for jitter between instances. Never for anything a replay must repeat. */
export const systemRandom: Random = () => Math.random();

/** A name that nothing else has, for records that must not replace each other. Never for anything a replay must repeat. */
export const uniqueId = (): string => randomUUID();
