import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/ports/model.js';
import { NO_SNAPSHOT, scoreBatch } from '../../../src/pipeline/score/score.js';
import { scorerOf } from '../../../src/pipeline/score/scorers.js';
import { configOf } from '../kit.js';

const surprise = scorerOf(configOf({ selection: { scorer: 'surprise' } }).selection);
const closed = {
  rowCount: 2,
  columnCount: 1,
  labels: Uint8Array.of(0, 1),
  rows: new Float32Array(2),
};

function modelThatSays(...probabilities: number[]): Model {
  const probability = Float32Array.from(probabilities);
  return {
    snapshotVersion: '000001-abcdef',
    featureSetId: 'fs',
    memberCount: 1,
    predict: () => Promise.resolve({ probability, members: probability }),
    close: () => Promise.resolve(),
  };
}

describe('scoring a batch', () => {
  it('names the snapshot and gives the importance of both labels', async () => {
    const scored = await scoreBatch(closed, modelThatSays(0.25, 0.5), surprise);
    expect(scored.snapshotVersion).toBe('000001-abcdef');
    expect([...scored.importances!.ifPositive]).toEqual([0.75, 0.5]);
    expect([...scored.importances!.ifNegative]).toEqual([0.25, 0.5]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -0.1, 1.1])(
    'leaves a batch to the coin when the model answers %d',
    async (answer) => {
      const scored = await scoreBatch(closed, modelThatSays(0.25, answer), surprise);
      expect(scored).toMatchObject({
        prediction: undefined,
        importances: undefined,
        scorer: 'uniform',
        snapshotVersion: NO_SNAPSHOT,
      });
    },
  );

  it('leaves a batch to the coin before the first snapshot', async () => {
    expect(await scoreBatch(closed, undefined, surprise)).toMatchObject({
      importances: undefined,
      scorer: 'uniform',
    });
  });
});
