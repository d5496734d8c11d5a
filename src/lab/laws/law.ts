/** Something that every part of a kind keeps; a test runner gives it a case, `sluice test --plugin` a line. */
export interface Law {
  readonly name: string;
  /** Throws, with what was found, where it is broken. */
  readonly check: () => void | Promise<void>;
}
