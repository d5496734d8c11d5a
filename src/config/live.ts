import { isDeepStrictEqual } from 'node:util';
import { type ChangeClass, changeClassOf } from './changes.js';
import { valueAt } from './layers.js';
import type { Config } from './schema.js';
import { shownValue } from './shown.js';

/**
 * Options and sections that a running instance takes over between two units of work. Nothing of the state depends on them,
 * so the change is that of a restart at the same commit; each is `free` for a restart, too.
 */
export const LIVE_OPTIONS = [
  'selection.budget',
  'selection.budgets',
  'selection.perSecond',
  'selection.keep',
  'selection.value',
  'selection.throttle',
  'selection.defensiveShare',
  'selection.controllerRate',
  'log.level',
] as const;

/** The sections that hold them. */
export type LiveConfig = Pick<Config, 'selection' | 'log'>;

/** Takes them out of a config. */
export function liveOf({ selection, log }: LiveConfig): LiveConfig {
  return { selection, log };
}

/** An option that two configs say differently; values as JSON, credentials hidden. */
export interface OptionChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** An option that needs a restart, and what the restart would do with it. */
export interface HeldBack extends OptionChange {
  readonly class: ChangeClass;
  readonly remedy: string;
}

/** What a running instance makes of another config. */
export interface LiveChange {
  /** What it runs under with the changes that may be made live, and nothing else. */
  readonly config: Config;
  readonly applied: readonly OptionChange[];
  readonly heldBack: readonly HeldBack[];
}

const REMEDIES: Readonly<Record<ChangeClass, string>> = {
  free: 'restart the instance; it acts from the start on',
  rebuilt: 'restart the instance; `sluice plan` says what is read again',
  switched: 'restart the instance; `sluice plan` says from where it acts',
  refused: 'run under another application name, or put the old value back: `sluice plan` says both',
};

/**
 * Sorts what another config changes into what may act now and what may not.
 * @param paths of every option
 */
export function liveChange(running: Config, wanted: Config, paths: readonly string[]): LiveChange {
  const config = structuredClone(running) as Record<string, unknown> & Config;
  const applied: OptionChange[] = [];
  const heldBack: HeldBack[] = [];
  for (const path of paths) {
    const steps = path.split('.');
    const [before, after] = [valueAt(running, steps), valueAt(wanted, steps)];
    if (isDeepStrictEqual(before, after)) continue;
    const change = { path, before: textOf(path, before), after: textOf(path, after) };
    if (isLive(path)) {
      put(config, steps, after);
      applied.push(change);
    } else {
      const ofRestart = changeClassOf(path) ?? 'free';
      heldBack.push({ ...change, class: ofRestart, remedy: REMEDIES[ofRestart] });
    }
  }
  return { config: applied.length > 0 ? config : running, applied, heldBack };
}

function isLive(path: string): boolean {
  return LIVE_OPTIONS.some((option) => path === option || path.startsWith(`${option}.`));
}

function textOf(path: string, value: unknown): string {
  return JSON.stringify(shownValue(path, value)) ?? 'nothing';
}

function put(tree: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  let at = tree;
  for (const name of steps.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[steps.at(-1)!] = value;
}
