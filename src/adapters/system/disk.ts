import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Bytes that a process without special rights may still write where a path is, or will be; null: the system does not say. */
export function freeBytesAt(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(existingPart(path));
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** True when this process may write at a path, or make it. */
export function isWritable(path: string): boolean {
  const part = existingPart(path);
  const isMade = part === resolve(path);
  return allows(part, constants.W_OK) && (isMade || statSync(part).isDirectory());
}

/** True when this process may read the file at a path. */
export function isReadable(path: string): boolean {
  return allows(path, constants.R_OK);
}

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** The path itself, or the nearest folder above it that is there. */
function existingPart(path: string): string {
  let part = resolve(path);
  while (!existsSync(part) && dirname(part) !== part) part = dirname(part);
  return part;
}
