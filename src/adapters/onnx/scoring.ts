import * as ort from 'onnxruntime-node';

/** Runs a predictor over rows. */
export interface Scoring {
  /**
   * @param rows rowCount × columns, row-major
   * @param outputs names of those wanted, float tensors with a row each
   */
  run(rows: Float32Array, rowCount: number, outputs: readonly string[]): Promise<ort.InferenceSession.ReturnType>;
  release(): Promise<void>;
}

/** One session, one thread: the caller decides what runs beside it. */
export const ONE_THREAD: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
};

/** The whole graph in onnxruntime. @param columnCount of its input `features` */
export function wholeGraph(session: ort.InferenceSession, columnCount: number): Scoring {
  return {
    run: (rows, rowCount, outputs) =>
      session.run({ features: new ort.Tensor('float32', rows, [rowCount, columnCount]) }, outputs),
    release: () => session.release(),
  };
}
