import { onnxModelLoader } from '../adapters/onnx/model.js';
import type { HeldBundle } from '../bundle/sample.js';
import { SluiceError } from '../errors.js';
import { columnImportances, type Importances } from '../learn/explain/importance.js';
import type { Snapshot } from '../snapshot/index.js';

/** Fewest audit rows to shuffle among. */
const LEAST_ROWS = 100;

/**
 * What the columns of a snapshot are worth on the newest audit rows.
 * Throws `snapshot-refused` where there are fewer than 100 of them, all labels are the same, or the file does not score.
 */
export async function snapshotImportance({ manifest, onnx }: Snapshot, audit: HeldBundle): Promise<Importances> {
  const { version, featureSetId, columns } = manifest;
  const positives = audit.labels.reduce((sum, label) => sum + label, 0);
  if (audit.rowCount < LEAST_ROWS || positives === 0 || positives === audit.rowCount)
    throw new SluiceError('snapshot-refused', {
      version,
      why: `there are ${audit.rowCount} audit rows of its feature set, ${positives} of them positive: too few to tell what a column is worth`,
    });
  const model = await onnxModelLoader().load(onnx, version, featureSetId);
  try {
    return await columnImportances(model, audit, columns);
  } finally {
    await model.close();
  }
}
