/** How many went into a stage with a unit of work, came out of it, and became dead letters in it. */
export interface Flow {
  readonly in: number;
  readonly out: number;
  readonly refused: number;
}

/** Sees every stage of every unit of work from outside. */
export interface StageWatch {
  /** Monotonic time, ms. */
  nowMs(): number;
  passed(stage: string, flow: Flow, durationMs: number): void;
  /** Sees what a stage gave, as long as the unit of work lasts. */
  gave?(stage: string, output: unknown): void;
  /** @param code of the error table; `bug` for whatever is not in it */
  failed(stage: string, code: string, durationMs: number): void;
}
