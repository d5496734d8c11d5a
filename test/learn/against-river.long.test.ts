import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/adapters/system/random.js';
import { createAdwin } from '../../src/learn/adwin.js';
import { SIGNALS } from '../../src/learn/drift-watch.js';
import { pythonWith, runPython } from './learners/python.js';

const python = pythonWith('river', 'numpy');

const SCRIPT = `
import numpy as np
from river.drift import ADWIN
for name in ("loose", "tight"):
    found = []
    window = ADWIN(delta=0.002 if name == "loose" else 1e-3, clock=32, min_window_length=5 if name == "loose" else 50, grace_period=10 if name == "loose" else 500)
    for i, value in enumerate(np.fromfile("values.f64")):
        window.update(float(value))
        if window.drift_detected:
            found.append(i)
    np.float32(found).tofile(name + ".f32")
`;

/** Where the window drops values; river begins anew after each, so this does. */
function found(values: Float64Array, settings: Parameters<typeof createAdwin>[0]): number[] {
  let adwin = createAdwin(settings);
  const at: number[] = [];
  values.forEach((value, i) => {
    if (adwin.observe(value) === undefined) return;
    at.push(i);
    adwin = createAdwin(settings);
  });
  return at;
}

describe.runIf(python)('the drift test and that of river', () => {
  /** A champion that says 4 %, on clicks whose rate trebles, falls to a third and wanders. */
  const random = seededRandom(9);
  const labels = [0.04, 0.12, 0.04, 0.013, 0.04].flatMap((rate) =>
    Array.from({ length: 12_000 }, (_, i) => (random() < rate * (1 + i / 60_000) ? 1 : 0) as 0 | 1),
  );
  const predictions = labels.map(() => 0.02 + 0.04 * random());

  test.each(['log-loss', 'residual'] as const)('alarm at the same values of %s', (signal) => {
    const values = Float64Array.from(labels, (label, i) => SIGNALS[signal](predictions[i]!, label));
    const rivers = runPython(python!, SCRIPT, { 'values.f64': values }, ['loose.f32', 'tight.f32']);
    const loose = found(values, { delta: 0.002, everyCount: 32, minCount: 10, minSideCount: 5 });
    const tight = found(values, { delta: 1e-3, everyCount: 32, minCount: 500, minSideCount: 50 });
    expect(loose).toEqual([...rivers['loose.f32']!]);
    expect(tight).toEqual([...rivers['tight.f32']!]);
    expect(tight.length).toBeGreaterThanOrEqual(3);
  });
});
