import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Which process a member of the group is, so that another one on the same machine can tell that it is dead. Linux alone tells
 * it; elsewhere nobody is found dead.
 */
export interface ProcessIdentity {
  /** Hash of the boot id: one boot of one machine. */
  readonly boot: string;
  /** Number of the namespace in which its id counts. */
  readonly space: string;
  readonly pid: number;
  /** When it started, in clock ticks since the boot: ids are used again. */
  readonly startTicks: string;
}

/** Reads files of /proc, for tests to stand in for. */
export interface Proc {
  readonly file: (path: string) => string;
  readonly link: (path: string) => string;
}

const PROC: Proc = { file: (path) => readFileSync(path, 'utf8'), link: readlinkSync };

/** The identity of this process; undefined where the system does not tell. */
export function ownIdentity(pid = process.pid, proc: Proc = PROC): ProcessIdentity | undefined {
  try {
    const boot = createHash('sha256').update(proc.file('/proc/sys/kernel/random/boot_id').trim()).digest('hex');
    const space = /\d+/.exec(proc.link('/proc/self/ns/pid'))?.[0];
    const startTicks = startTicksOf(pid, proc);
    if (space === undefined || startTicks === undefined) return undefined;
    return { boot: boot.slice(0, 12), space, pid, startTicks };
  } catch {
    return undefined;
  }
}

/** The client id under which a process is a member: the application's, and who it is. */
export function memberClientId(application: string, identity: ProcessIdentity | undefined): string {
  if (identity === undefined) return application;
  const { boot, space, pid, startTicks } = identity;
  return `${application}@${boot}.${space}.${pid}.${startTicks}`;
}

/** True when a member was a process of this machine that is gone for certain. */
export function isDead(clientId: string, application: string, own: ProcessIdentity, proc: Proc = PROC): boolean {
  const prefix = `${application}@`;
  if (!clientId.startsWith(prefix)) return false;
  const [boot, space, pid, startTicks, ...more] = clientId.slice(prefix.length).split('.');
  if (boot !== own.boot || space !== own.space || startTicks === undefined || more.length > 0) return false;
  if (!/^\d+$/.test(pid ?? '')) return false;
  try {
    return startTicksOf(Number(pid), proc) !== startTicks;
  } catch (error) {
    // Only what is certain: a process that may not be looked at is one that lives.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Field 22 of a process's stat file; its second field, the name, may hold anything. */
function startTicksOf(pid: number, proc: Proc): string | undefined {
  const stat = proc.file(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
