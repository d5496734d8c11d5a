import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/*
 * The file format of the LMDB that lmdb-js carries (lmdb 3.5, mdb.c: MDB_page_header, MDB_meta, MDB_db, MDB_node), as far as
 * a check of its structure needs it. Little-endian; the library writes the byte order of the machine.
 */

/** Bytes of a page before its node pointers: page number (8), transaction (8), key size (2), flags (2), bounds (2 + 2). */
export const PAGE_HEADER_BYTES = 24;
/** Bytes of a node before its key: data size or child (4), flags (2), key size (2). */
export const NODE_HEADER_BYTES = 8;
/** Bytes of a tree's record: key size (4), flags (2), depth (2), three page counts, entries, root (8 each). */
export const TREE_BYTES = 48;

export const BRANCH = 0x01;
export const LEAF = 0x02;
export const OVERFLOW = 0x04;

/** The value of a node lies on pages of its own. */
export const IS_BIG = 0x01;
/** The value of a node is the record of a tree. */
export const IS_TREE = 0x02;

const FORMAT = 2;
const META_BYTES = 168;
const WARM_BYTES = 4_194_304;
/** Root of an empty tree. */
const NO_PAGE = 0xffffffffffffffffn;

/** A B-tree of the file. */
export interface Tree {
  readonly depth: number;
  readonly entryCount: number;
  /** Page number; null: the tree is empty. */
  readonly root: number | null;
}

/** What a meta page says. */
export interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  /** Number of the transaction that wrote it; the higher of the two counts. */
  readonly transaction: bigint;
  /** The boot of the machine that wrote it; 0 where the system has no number for it. */
  readonly bootId: number;
  /** Of free pages. */
  readonly free: Tree;
  /** Of everything else, by name. */
  readonly main: Tree;
}

/** Reads the record of a tree that stands at a place of some bytes. */
export function treeAt(bytes: Buffer, at: number): Tree {
  const root = bytes.readBigUInt64LE(at + 40);
  return {
    depth: bytes.readUInt16LE(at + 6),
    entryCount: Number(bytes.readBigUInt64LE(at + 32)),
    root: root === NO_PAGE ? null : Number(root),
  };
}

/** An LMDB file read page by page, without the library. */
export class PageFile {
  readonly #file: number;
  readonly #page: Buffer;

  constructor(
    path: string,
    readonly pageBytes: number,
  ) {
    this.#file = openSync(path, 'r');
    this.#page = Buffer.alloc(pageBytes);
  }

  get bytes(): number {
    return fstatSync(this.#file).size;
  }

  /** A page, valid until the next read; undefined beyond the end of the file. */
  page(number: number): Buffer | undefined {
    const count = readSync(this.#file, this.#page, 0, this.pageBytes, number * this.pageBytes);
    return count === this.pageBytes ? this.#page : undefined;
  }

  /** Reads the file once from end to end: a cold disk gives pages in a row sooner than one by one. */
  warm(): void {
    const bytes = Buffer.allocUnsafe(WARM_BYTES);
    for (let at = 0, count = 1; count > 0; at += count) count = readSync(this.#file, bytes, 0, WARM_BYTES, at);
  }

  /** The newer of the two meta pages; undefined: there is none. */
  meta(): Meta | undefined {
    const [first, second] = [0, 1].map((number) => this.#metaAt(number * this.pageBytes));
    if (!first || !second) return first ?? second;
    return second.transaction > first.transaction ? second : first;
  }

  /** The meta page of the newest transaction that is known to stand on the disk; it lies behind the first one. */
  flushedMeta(): Meta | undefined {
    return this.#metaAt(this.pageBytes / 2);
  }

  close(): void {
    closeSync(this.#file);
  }

  #metaAt(at: number): Meta | undefined {
    const bytes = Buffer.alloc(META_BYTES);
    if (readSync(this.#file, bytes, 0, META_BYTES, at) < META_BYTES) return undefined;
    if ((bytes.readUInt32LE(28) & 0xffff) !== FORMAT && at === 0) return undefined;
    return {
      pageBytes: bytes.readUInt32LE(48),
      free: treeAt(bytes, 48),
      main: treeAt(bytes, 48 + TREE_BYTES),
      lastPage: Number(bytes.readBigUInt64LE(144)),
      transaction: bytes.readBigUInt64LE(152),
      bootId: Number(bytes.readBigInt64LE(160)),
    };
  }
}
