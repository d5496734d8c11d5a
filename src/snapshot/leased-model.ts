import { SluiceError } from '../errors.js';
import type { Model } from '../ports/model.js';

/** A model that can be replaced while it is predicting. */
export interface LeasedModel extends Model {
  /** Predictions under way. */
  inFlightCount(): number;
  /**
   * Keeps the model usable, however often the champion changes, until what it returns is called. For whoever predicts
   * more than once with it, such as a judgement or a proof.
   */
  hold(): () => void;
  /** Closes the model once the predictions under way have ended and nobody holds it; resolves then. Idempotent. */
  close(): Promise<void>;
}

/**
 * Counts the predictions under way of a model, and those who hold it, so that closing it waits for them. A prediction
 * begun after that by somebody who does not hold it is refused.
 * @param fail is told that an answer was of no use
 */
export function leased(model: Model, fail: (why: string) => void = () => undefined): LeasedModel {
  let inFlight = 0;
  let holders = 0;
  let closed: Promise<void> | undefined;
  let wake: (() => void) | undefined;

  const isUsed = (): boolean => inFlight > 0 || holders > 0;
  const wakeUnused = (): void => {
    if (!isUsed()) wake?.();
  };

  return {
    snapshotVersion: model.snapshotVersion,
    featureSetId: model.featureSetId,
    memberCount: model.memberCount,
    ...(model.columnCount === undefined ? {} : { columnCount: model.columnCount }),
    fail,
    inFlightCount: () => inFlight,
    hold() {
      holders++;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holders--;
        wakeUnused();
      };
    },
    async predict(rows, rowCount) {
      if (closed !== undefined && holders === 0)
        throw new SluiceError('bug', { why: `snapshot ${model.snapshotVersion} predicts after it was closed` });
      inFlight++;
      try {
        return await model.predict(rows, rowCount);
      } finally {
        inFlight--;
        wakeUnused();
      }
    },
    close() {
      closed ??= (isUsed() ? new Promise<void>((resolve) => (wake = resolve)) : Promise.resolve()).then(() =>
        model.close(),
      );
      return closed;
    },
  };
}
