import { expect, test } from 'vitest';
import { fitPlatt } from '../../../src/learn/calibrate/platt.js';
import { sigmoid } from '../../../src/learn/learners/intercept.js';
import { seededRandom } from '../../../src/learn/learners/random.js';
import { logLosses, mean } from '../../../src/learn/metrics/log-loss.js';
import { pairedBound } from '../../../src/learn/promote/paired-bound.js';
import { recalibrated } from './recalibrated.js';

const CONTESTS = 300;
const ROWS = 2_000;

test('choosing a recalibration on the rows that judge promotes no more equals than the bound allows', () => {
  let promoted = 0;
  for (let seed = 1; seed <= CONTESTS; seed++) {
    const random = seededRandom(seed);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const [champion, candidate] = [new Float32Array(2 * ROWS), new Float32Array(2 * ROWS)];
    const labels = new Uint8Array(2 * ROWS);
    for (let i = 0; i < 2 * ROWS; i++) {
      const z = -3 + 1.2 * normal();
      labels[i] = random() < sigmoid(z) ? 1 : 0;
      // Two models that know the same amount, each with errors of its own.
      champion[i] = sigmoid(z + 0.3 * normal());
      candidate[i] = sigmoid(z + 0.3 * normal());
    }
    const newer = candidate.subarray(ROWS);
    const line = fitPlatt({ members: candidate.slice(0, ROWS), memberCount: 1, labels: labels.slice(0, ROWS) })!;
    const judging = labels.subarray(ROWS);
    const [plain, bent] = [newer, recalibrated(newer, 1, line)].map((p) => logLosses(p, judging));
    const chosen = mean(bent!) < mean(plain!) ? bent! : plain!;
    if (pairedBound(logLosses(champion.subarray(ROWS), judging), chosen).lower > 0) promoted++;
  }
  const nominal = 0.05;
  expect(promoted / CONTESTS).toBeLessThan(nominal + 3 * Math.sqrt((nominal * (1 - nominal)) / CONTESTS));
});
