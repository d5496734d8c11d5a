import { seededRandom } from '../../src/adapters/system/random.js';
import type { TrainingSample } from '../../src/events/words.js';
import { sample } from './samples.js';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

export interface Stream {
  readonly training: TrainingSample[];
  readonly audit: TrainingSample[];
}

/**
 * Samples with known click probabilities σ(−2.5 + 1.5·x), one in five for the audit slice, the others kept by their
 * surprise |y − p̃| of a deliberately poor scorer p̃ ≡ .3 at a threshold that changes halfway, as the pipeline would:
 * π = α·b + (1 − α)·min(1, s/μ), with weight and offset.
 */
export function clickStream(count: number, seed: number, firstId = 0): Stream {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const stream: Stream = { training: [], audit: [] };
  for (let i = 0; i < count; i++) {
    const x = Math.fround(normal());
    const label = random() < sigmoid(-2.5 + 1.5 * x) ? 1 : 0;
    const shown = { features: [x], label, surface: i % 2 === 0 ? 'SEARCH' : 'AD' } as const;
    const mu = i < count / 2 ? 2 : 4;
    const chance = (y: number) => 0.2 * 0.1 + 0.8 * Math.min(1, Math.abs(y - 0.3) / mu);
    if (random() < 0.2) {
      stream.audit.push(sample(firstId + i, { ...shown, inclusionProbability: 0.2, importanceWeight: 5 }));
    } else if (random() < chance(label)) {
      const selection = { inclusionProbability: chance(label), importanceWeight: 1 / chance(label) };
      stream.training.push(
        sample(firstId + i, { ...shown, ...selection, logOddsOffset: Math.log(chance(1) / chance(0)) }),
      );
    }
  }
  return stream;
}
