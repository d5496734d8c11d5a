/** A loaded snapshot that scores rows. */
export interface Model {
  readonly snapshotVersion: string;
  readonly featureSetId: string;
  /** Number of committee members. */
  readonly memberCount: number;
  /**
   * Probabilities that the label is 1.
   * @param rows Float32Array, rowCount × columns, row-major; NaN = missing
   * @returns `probability` (rowCount) and `members` (rowCount × memberCount, row-major), Float32Array each
   */
  predict(rows: Float32Array, rowCount: number): Promise<Prediction>;
  close(): Promise<void>;
}

export interface Prediction {
  readonly probability: Float32Array;
  readonly members: Float32Array;
}

/** Loads ONNX bytes whose checksum and feature set the caller has verified. */
export interface ModelLoader {
  load(onnx: Uint8Array, snapshotVersion: string, featureSetId: string): Promise<Model>;
}
