import { readFileSync } from 'node:fs';

/**
 * Tells a process from every later one with the same id (in a container the restarted process often gets its
 * predecessor's): boot id and start time on Linux, empty elsewhere.
 */
export function processMark(pid: number): string {
  const started = linuxStart(pid);
  return started === undefined ? '' : `${bootId()}/${started}`;
}

/** False when the process of this id and mark has surely ended; a zombie has. Without /proc the id alone must do. */
export function processLives(pid: number, mark: string): boolean {
  if (mark !== '') return processMark(pid) === mark;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time in ticks since boot: field 22 of /proc/PID/stat. The name before it may hold anything, so count from its end. */
function linuxStart(pid: number): string | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  const [state, ...rest] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === undefined || state === 'Z' || state === 'X' ? undefined : rest[18];
}

/** Id of this boot of the machine, a UUID; empty where the system does not say. */
export function bootId(): string {
  return readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
