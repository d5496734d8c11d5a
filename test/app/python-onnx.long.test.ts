import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { run } from '../cli/shell.js';
import { pythonWith, runPython } from '../learn/learners/python.js';
import { embedded, type Row, World } from './fixture.js';

const python = pythonWith('numpy', 'onnxruntime');

/** Every published model over the rows it scored, as any consumer would run it. */
const SCRIPT = `
import glob, numpy as np, onnxruntime as ort
found = []
for path in sorted(glob.glob("*.onnx")):
    model = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    rows = np.fromfile(path.replace(".onnx", ".rows"), dtype=np.float32).reshape(-1, model.get_inputs()[0].shape[1])
    probability, = model.run(["probability"], {"features": rows})
    found.append(probability.reshape(-1))
np.concatenate(found).astype(np.float32).tofile("probability.f32")
`;

describe.skipIf(!python)('a published snapshot in Python', () => {
  const world = new World(embedded, { join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 } });
  afterAll(() => world.remove());

  it.each(['boosting', 'forest', 'head'] as const)(
    '%s: onnxruntime gives the predictions that stand on the training topic',
    async (learner) => {
      const events = join(world.folder, learner);
      await simulateToFiles({ folder: events, impressionCount: 9_000, seed: 5, itemCount: 300 });
      const application = world.application({
        selection: { scorer: 'uniform', budget: 1 },
        retrain: { learner, everySamples: 3_000, minPositives: 20, forest: { trees: 10 } },
      });
      await application.runToEnd(events);
      const samples = (await application.rows('training')).filter(({ snapshotVersion }) => snapshotVersion !== 'none');
      const versions = [...new Set(samples.map(({ snapshotVersion }) => String(snapshotVersion)))].sort();
      expect(versions).not.toEqual([]);

      const configFile = join(world.folder, `${learner}.yaml`);
      writeFileSync(configFile, JSON.stringify(application.config));
      const files: Record<string, ArrayBufferView> = {};
      const recorded: number[] = [];
      for (const version of versions) {
        const onnxFile = join(world.folder, `${learner}-${version}.onnx`);
        const shown = await run(['snapshot', 'show', version, '--onnx', onnxFile, '--config', configFile]);
        expect(shown.status, shown.stderr).toBe(0);
        const rows = samples.filter(({ snapshotVersion }) => snapshotVersion === version);
        files[`${version}.onnx`] = readFileSync(onnxFile);
        files[`${version}.rows`] = featureRows(rows);
        recorded.push(...rows.map(({ prediction }) => Number(prediction)));
      }
      const { 'probability.f32': probability } = runPython(python!, SCRIPT, files, ['probability.f32']);
      expect(probability).toHaveLength(recorded.length);
      const worst = recorded.reduce((most, value, at) => Math.max(most, Math.abs(value - probability![at]!)), 0);
      expect(worst).toBeLessThan(1e-5);
    },
    180_000,
  );
});

/** The features column of samples as a consumer makes it: float32, row-major, null is NaN. */
function featureRows(rows: readonly Row[]): Float32Array {
  return Float32Array.from(rows.flatMap(({ features }) => features.map((value) => value ?? NaN)));
}
