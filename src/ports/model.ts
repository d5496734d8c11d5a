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
  /** Columns of a row; absent where the model does not know. */
  readonly columnCount?: number;
  /** Is told that an answer was of no use, so that whoever lent the model puts another in its place. */
  readonly fail?: (why: string) => void;
  /** Keeps a lent model usable until what it returns is called; absent where nobody else closes it. */
  readonly hold?: () => () => void;
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
