import { SluiceError } from '../errors.js';
import type { Model } from '../ports/model.js';

/** A model that can be replaced while it is predicting. */
export interface LeasedModel extends Model {
  /** Predictions under way. */
  inFlightCount(): number;
  /** Closes the model once the predictions under way have ended; resolves then. Idempotent. */
  close(): Promise<void>;
}

/**
 * Counts the predictions under way of a model so that closing it waits for them. A prediction begun after that is refused.
 * @param fail is told that an answer was of no use
 */
export function leased(model: Model, fail: (why: string) => void = () => undefined): LeasedModel {
  let inFlight = 0;
  let closed: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  return {
    snapshotVersion: model.snapshotVersion,
    featureSetId: model.featureSetId,
    memberCount: model.memberCount,
    ...(model.columnCount === undefined ? {} : { columnCount: model.columnCount }),
    fail,
    inFlightCount: () => inFlight,
    async predict(rows, rowCount) {
      if (closed !== undefined)
        throw new SluiceError('bug', { why: `snapshot ${model.snapshotVersion} predicts after it was closed` });
      inFlight++;
      try {
        return await model.predict(rows, rowCount);
      } finally {
        inFlight--;
        if (inFlight === 0) wake?.();
      }
    },
    close() {
      closed ??= (inFlight === 0 ? Promise.resolve() : new Promise<void>((resolve) => (wake = resolve))).then(() =>
        model.close(),
      );
      return closed;
    },
  };
}
