/** What a driver runs events under. */
export interface TestDriverOptions {
  /** Plugin files, as `plugins` names them. */
  readonly plugins?: readonly string[];
  /** YAML file of the config; absent: the defaults. */
  readonly config?: string;
  /** `path=value`, as `--set` takes them. They come after the driver's own: scorer uniform, budget 1, no audit, no encoder. */
  readonly set?: readonly string[];
}

/** Messages as they are sent, in the order of their topic. */
export interface DriverEvents {
  readonly impressions?: readonly object[];
  readonly interactions?: readonly object[];
}

type Row = Readonly<Record<string, unknown>>;

/** What became of the events. */
export interface DriverOutputs {
  /** Kept samples, as docs/reference/records.md describes them; a missing feature is null. */
  readonly samples: readonly Row[];
  readonly audit: readonly Row[];
  readonly late: readonly Row[];
  readonly deadLetters: readonly Row[];
  /** Names of the numbers of `features`, in order. */
  readonly columns: readonly string[];
}

/** Runs events through the whole processor. */
export interface TestDriver {
  /**
   * Runs until everything is decided; each run begins with nothing.
   * @throws SluiceError `config-invalid`, `plugin-invalid`, `plugin-failed`, `plugin-slow`
   */
  run(events: DriverEvents): Promise<DriverOutputs>;
}
