import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Page flags at byte 18 of the first page of an LMDB file: a meta page. */
const META_FLAG = 0x08;
/** At byte 24, in the byte order of the machine. */
const MAGIC = 0xbeefc0de;
/** At byte 28, lower two bytes. */
const FORMAT = 2;
const HEAD_BYTES = 32;
/** Two meta pages of the smallest size. */
const LEAST_BYTES = 8_192;

/**
 * Says what is wrong with the LMDB file in a folder; null when nothing is, or there is none yet. The library ends the whole
 * process with a segmentation fault when it meets a file that is not its own (lmdb 3.5), so it must not see one.
 */
export function storeFault(folder: string): string | null {
  if (existsSync(folder) && !statSync(folder).isDirectory()) return 'not a folder';
  const path = join(folder, 'data.mdb');
  if (!existsSync(path)) return null;
  if (!statSync(path).isFile()) return 'data.mdb is not a file';
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return null;
    const head = Buffer.alloc(HEAD_BYTES);
    readSync(file, head, 0, HEAD_BYTES, 0);
    return faultOf(head, size);
  } finally {
    closeSync(file);
  }
}

function faultOf(head: Buffer, bytes: number): string | null {
  const isLittle = head.readUInt32LE(24) === MAGIC;
  const isOurs = isLittle || head.readUInt32BE(24) === MAGIC;
  if (!isOurs || bytes < LEAST_BYTES) return 'data.mdb is damaged or not an LMDB file';
  const flags = isLittle ? head.readUInt16LE(18) : head.readUInt16BE(18);
  const format = isLittle ? head.readUInt16LE(28) : head.readUInt16BE(30);
  if ((flags & META_FLAG) === 0) return 'data.mdb has no meta page';
  return format === FORMAT ? null : `data.mdb has LMDB format ${format}, this release reads ${FORMAT}`;
}
