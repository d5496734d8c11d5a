import type { ExitCode } from './exit-codes.js';

const STATUS = { SIGINT: 130, SIGTERM: 143 } as const satisfies Record<string, ExitCode>;

/** What a verb throws that was interrupted before it was done. */
export class Interrupted extends Error {
  readonly status: ExitCode;

  constructor(by: keyof typeof STATUS) {
    super(`${by}: ended before it was done`);
    this.status = STATUS[by];
  }
}

/** The interruption that an error is, or comes from. */
export function interruptionOf(thrown: unknown): Interrupted | undefined {
  if (thrown instanceof Interrupted) return thrown;
  return thrown instanceof Error ? interruptionOf(thrown.cause) : undefined;
}

/**
 * Turns the first SIGINT or SIGTERM into an aborted signal (drain and leave) and the second into an end at once. What was
 * not committed by then is read again by the next run. SIGHUP, which a closed terminal or a log rotation sends, never ends
 * it: where nobody has asked for it, it is said.
 */
export function abortOnSignals(say: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const name of Object.keys(STATUS) as (keyof typeof STATUS)[]) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(STATUS[name]);
      say(`${name}: finishing what is begun; once more to leave at once`);
      controller.abort(new Interrupted(name));
    });
  }
  process.on('SIGHUP', () => {
    if (process.listenerCount('SIGHUP') === 1) say('SIGHUP: ignored; only `sluice run` reads its config again');
  });
  return controller.signal;
}

/** Hears every SIGHUP, which then ends nothing. @returns the way back */
export function onHangup(listener: () => void): () => void {
  process.on('SIGHUP', listener);
  return () => void process.off('SIGHUP', listener);
}
