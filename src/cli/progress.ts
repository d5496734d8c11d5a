import type { Options, SingleBar } from 'cli-progress';
import type { Shell } from './shell.js';

/** How often a line is written where there is no terminal. */
const LINE_EVERY_MS = 5_000;

export interface Meter {
  /** @param fraction how far, 0 to 1; null where nobody knows */
  readonly update: (doneCount: number, fraction: number | null) => void;
  /** Leaves the terminal clean; call it before anything else is said. */
  readonly stop: () => void;
}

/** Begins to show how far an action is. */
export type BeginMeter = (title: string, unit: string) => Meter;

/** Makes meters, which show that a long command is alive: a bar on a terminal, a line every few seconds elsewhere. stderr only. */
export async function meters(shell: Shell): Promise<BeginMeter> {
  if (!shell.isTerminal) return (title, unit) => lineMeter(shell, title, unit);
  const { Presets, SingleBar } = await import('cli-progress');
  const barOf = (options: Options): SingleBar => new SingleBar(options, Presets.shades_grey);
  return (title, unit) => barMeter(shell, barOf, title, unit);
}

function barMeter(shell: Shell, barOf: (options: Options) => SingleBar, title: string, unit: string): Meter {
  const bar = barOf({
    stream: shell.stderr,
    format: `${title} {bar} {percentage} % | {done} ${unit} | {duration_formatted}`,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(1, 0, { done: '0' });
  return {
    update: (doneCount, fraction) => bar.update(Math.min(1, fraction ?? 0), { done: doneCount.toLocaleString('en') }),
    stop: () => bar.stop(),
  };
}

function lineMeter(shell: Shell, title: string, unit: string): Meter {
  let saidMs = shell.clock.monotonicMs();
  return {
    update: (doneCount, fraction) => {
      const nowMs = shell.clock.monotonicMs();
      if (nowMs - saidMs < LINE_EVERY_MS) return;
      saidMs = nowMs;
      const share = fraction === null ? '' : ` (${(fraction * 100).toFixed(0)} %)`;
      shell.say(`${title}: ${doneCount.toLocaleString('en')} ${unit}${share}`);
    },
    stop: () => {},
  };
}

/** Runs a long action under a meter, which is stopped however the action ends. */
export async function withMeter<T>(
  shell: Shell,
  title: string,
  unit: string,
  action: (update: Meter['update']) => Promise<T>,
): Promise<T> {
  const begin = await meters(shell);
  const meter = begin(title, unit);
  try {
    return await action(meter.update);
  } finally {
    meter.stop();
  }
}
