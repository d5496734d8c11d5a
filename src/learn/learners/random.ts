import type { Random } from '../../ports/random.js';

/**
 * Seeded uniform numbers in [0, 1) with 32 bits each.
 * Source: sfc32 of PractRand (Chris Doty-Humphrey), seeded by splitmix32 over (seed, stream).
 * @param stream tells apart generators of one seed: a tree, a member
 */
export function seededRandom(seed: number, stream = 0): Random {
  let mix = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) | 0;
  const next = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = next();
  let b = next();
  let c = next();
  let d = 1;
  const draw = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) draw();
  return draw;
}
