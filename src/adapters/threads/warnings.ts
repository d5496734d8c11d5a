/** A warning of Node in a worker, on its way to whoever started it. */
export interface Warned {
  readonly kind: 'warned';
  /** Its type: `DeprecationWarning`. */
  readonly name: string;
  readonly message: string;
}

/** Sends this worker's warnings to its owner; Node itself would write them to stderr as lines of text. */
export function sendWarnings(post: (warned: Warned) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => post({ kind: 'warned', name, message }));
}

/** Warns this process of what its worker was warned of; whoever logs its warnings logs these. */
export function passOnWarning({ name, message }: Warned): void {
  process.emitWarning(message, name);
}

export function isWarned(message: unknown): message is Warned {
  return (message as Partial<Warned> | null)?.kind === 'warned';
}
