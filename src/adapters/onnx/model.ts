import * as ort from 'onnxruntime-node';
import { messageOf, SluiceError } from '../../errors.js';
import type { Model, ModelLoader, Prediction } from '../../ports/model.js';
import { openSession } from './open-session.js';
import { ONE_THREAD, wholeGraph, type Scoring } from './scoring.js';
import { quickTrees } from './trees/quick-trees.js';

/** Version of the runtime that scores, for manifests. */
export const ONNXRUNTIME_VERSION = ort.env.versions.node ?? ort.env.versions.common;

/** Rows of one run. onnxruntime-node runs on the calling thread: this many take a few milliseconds, then others get a turn. */
const ROWS_PER_RUN = 2_048;

/**
 * Loads predictors into onnxruntime, trees of ours beside it: one session a model, one thread. The graph has one float input `features`
 * [N, columns], an output `probability` [N] or [N, 1] and, optionally, `members` [N, memberCount]; without members the
 * probability is the only one. `load` throws `snapshot-refused` when the file or the shapes are not like that.
 */
export function onnxModelLoader(): ModelLoader {
  return {
    async load(onnx, snapshotVersion, featureSetId) {
      const refuse = (why: string, cause?: unknown) =>
        new SluiceError('snapshot-refused', { version: snapshotVersion, why }, { cause });
      let session: ort.InferenceSession;
      try {
        session = await openSession(onnx, ONE_THREAD);
      } catch (error) {
        throw refuse(`onnxruntime cannot load it: ${messageOf(error)}`, error);
      }
      try {
        const columnCount = columnCountOf(session);
        if (typeof columnCount === 'string') throw refuse(columnCount);
        const memberCount = await probeMembers(session, columnCount);
        if (typeof memberCount === 'string') throw refuse(memberCount);
        const whole = wholeGraph(session, columnCount);
        const quick = await quickTrees(onnx, { columnCount, memberCount, rowCount: ROWS_PER_RUN }, whole);
        if (quick) await session.release();
        const fetches = session.outputNames.includes('members') ? ['probability', 'members'] : ['probability'];
        return openModel(quick ?? whole, fetches, { snapshotVersion, featureSetId, columnCount, memberCount });
      } catch (error) {
        await session.release();
        throw error instanceof SluiceError ? error : refuse(`it cannot score a row: ${messageOf(error)}`, error);
      }
    },
  };
}

/** The fixed column count of the input, or what is wrong with it. */
function columnCountOf(session: ort.InferenceSession): number | string {
  const input = session.inputMetadata[0];
  if (session.inputNames.length !== 1 || !input || input.name !== 'features')
    return `its inputs are ${session.inputNames.join(', ')}, not features`;
  if (!input.isTensor || input.type !== 'float32' || input.shape.length !== 2)
    return 'its input features is not a float tensor [N, columns]';
  const columns = input.shape[1];
  if (typeof columns !== 'number') return 'its input features does not say how many columns it takes';
  if (!session.outputNames.includes('probability'))
    return `its outputs are ${session.outputNames.join(', ')}, without probability`;
  return columns;
}

/** Scores two empty rows: shapes that a file only half declares show themselves. Returns the member count, or what is wrong. */
async function probeMembers(session: ort.InferenceSession, columnCount: number): Promise<number | string> {
  const probe = new Float32Array(2 * columnCount).fill(NaN);
  const outputs = await session.run({ features: new ort.Tensor('float32', probe, [2, columnCount]) });
  const probability = outputs['probability']!;
  if (probability.type !== 'float32' || probability.size !== 2)
    return `probability has shape [${probability.dims.join(', ')}] for two rows, not [2]`;
  const members = outputs['members'];
  if (!members) return 1;
  if (members.type !== 'float32' || members.size === 0 || members.size % 2 !== 0)
    return `members has shape [${members.dims.join(', ')}] for two rows`;
  return members.size / 2;
}

interface ModelFacts {
  readonly snapshotVersion: string;
  readonly featureSetId: string;
  readonly columnCount: number;
  readonly memberCount: number;
}

function openModel(scoring: Scoring, fetches: readonly string[], facts: ModelFacts): Model {
  const { columnCount, memberCount } = facts;
  const hasMembers = fetches.includes('members');
  return {
    snapshotVersion: facts.snapshotVersion,
    featureSetId: facts.featureSetId,
    memberCount,
    columnCount,
    async predict(rows, rowCount): Promise<Prediction> {
      if (rows.length !== rowCount * columnCount)
        throw new SluiceError('snapshot-refused', {
          version: facts.snapshotVersion,
          why: `${rows.length} values are not ${rowCount} rows of ${columnCount} columns`,
        });
      const probability = new Float32Array(rowCount);
      const members = hasMembers ? new Float32Array(rowCount * memberCount) : probability;
      for (let start = 0; start < rowCount; start += ROWS_PER_RUN) {
        const count = Math.min(ROWS_PER_RUN, rowCount - start);
        const values = rows.subarray(start * columnCount, (start + count) * columnCount);
        const outputs = await scoring.run(values, count, fetches);
        probability.set(outputs['probability']!.data as Float32Array, start);
        if (hasMembers) members.set(outputs['members']!.data as Float32Array, start * memberCount);
      }
      return { probability, members };
    },
    close: () => scoring.release(),
  };
}
