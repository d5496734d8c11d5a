import type { Config } from '../schema.js';

/** What a check may ask of the world besides the config. */
export interface CheckContext {
  /** True when the environment variable has a value. */
  readonly isSet: (variable: string) => boolean;
}

/** A rule between options. The runner names both with their values; `finding` says why they do not go together. */
export interface CrossCheck {
  readonly severity: 'error' | 'warning';
  /** The options at issue, the one to change first. */
  readonly paths: readonly [string, ...string[]];
  /** Why it is wrong or unwise; null when all is well. */
  readonly finding: (config: Config, context: CheckContext) => string | null;
  /** Ways out, usually two. */
  readonly remedies: readonly string[];
}
