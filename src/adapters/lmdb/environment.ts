import { existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open, TransactionFlags, type Database, type RootDatabase } from 'lmdb';
import { messageOf, SluiceError } from '../../errors.js';
import { storeFault } from './check-file.js';
import { structureFault } from './check-pages.js';
import { keepPrivate, makePrivateFolder } from './private-files.js';

/** Done when the call returns, undone when it throws, and not waiting for the disk. */
const WRITE_FLAGS: TransactionFlags =
  TransactionFlags.ABORTABLE | TransactionFlags.SYNCHRONOUS_COMMIT | TransactionFlags.NO_SYNC_FLUSH;

/** Samples of 1 kB fill such pages to 94 %, and those of 4,096 bytes to 75 % (measured: a store a third smaller). */
export const PAGE_BYTES = 8_192;

/** No room: MDB_MAP_FULL, and what the system says (ENOSPC, EDQUOT, EFBIG). */
const FULL: ReadonlySet<unknown> = new Set([-30_792, 28, 122, 27, 'ENOSPC', 'EDQUOT', 'EFBIG']);

const EIO = 5;

/** Less than a large transaction writes. */
const HARDLY_ANY_ROOM_BYTES = 16_777_216;

/** A walk through a file of this size takes about a second; `sluice store check` walks through any. */
const LARGEST_CHECKED_BYTES = 268_435_456;

function checkStructure(path: string): void {
  const file = join(path, 'data.mdb');
  const bytes = existsSync(file) ? statSync(file).size : 0;
  if (bytes === 0 || bytes > LARGEST_CHECKED_BYTES) return;
  const why = structureFault(file, PAGE_BYTES);
  if (why !== null) throw new SluiceError('store-damaged', { path, why });
}

/** An LMDB environment with its databases, and its errors in our words. */
export class Environment {
  readonly #root: RootDatabase<Buffer, Buffer>;
  /** Texts by name. */
  readonly facts: Database<string, string>;

  /** True inside a write, whose reads see what it wrote. */
  #isWriting = false;

  /** True once an asynchronous write was refused: the library then waits in vain when it is closed. */
  #wasRefused = false;

  /**
   * Opens or makes the folder. Throws `file-unreadable` when it cannot be, or holds something else; `store-damaged` when
   * its pages do not hang together. Larger files than {@link LARGEST_CHECKED_BYTES} are not walked through here.
   */
  constructor(readonly path: string) {
    try {
      const fault = storeFault(path);
      if (fault !== null) throw new Error(fault);
      checkStructure(path);
      makePrivateFolder(path);
      this.#root = open(path, {
        noSubdir: false,
        maxDbs: 8,
        pageSize: PAGE_BYTES,
        encoding: 'binary',
        keyEncoding: 'binary',
        // With it, a commit that fails (disk full) also rejects a promise that nobody can reach, and Node ends the process.
        eventTurnBatching: false,
      });
      this.facts = this.#root.openDB('facts', { encoding: 'string', keyEncoding: 'ordered-binary' });
      keepPrivate(path);
    } catch (error) {
      if (error instanceof SluiceError) throw error;
      throw new SluiceError('file-unreadable', { path, why: messageOf(error) }, { cause: error });
    }
  }

  /** A database of bytes by bytes. */
  binary(name: string): Database<Buffer, Buffer> {
    return this.#root.openDB(name, { encoding: 'binary', keyEncoding: 'binary' });
  }

  /** One transaction. It stands, for every process, when this returns; when `work` throws, nothing of it does. */
  write<T>(work: () => T): T {
    this.#isWriting = true;
    try {
      return this.#named(() => this.#root.transactionSync(work, WRITE_FLAGS));
    } finally {
      this.#isWriting = false;
    }
  }

  /** Runs a read; the snapshot is of now, with what other processes have written. */
  read<T>(work: () => T): T {
    return this.#named(() => {
      if (!this.#isWriting) this.#root.resetReadTxn();
      return work();
    });
  }

  /** Waits for an asynchronous write; rejects with `store-full` or `store-failed` when it was refused. */
  async written(write: Promise<unknown>): Promise<void> {
    try {
      await write;
    } catch (refusal) {
      this.#wasRefused = true;
      throw storeError(this.path, await reasonOf(refusal));
    }
  }

  /** Resolves once everything written before stands on the disk. */
  async flush(): Promise<void> {
    // Only an asynchronous write starts a flush; it covers the whole file.
    await this.written(this.facts.put('#flushed', ''));
    await this.written(this.#root.flushed);
  }

  /** Frees the snapshots that killed processes left: they would keep old pages from being used again. */
  forgetDeadReaders(): void {
    this.#named(() => this.#root.readerCheck());
  }

  async close(): Promise<void> {
    const closed = this.#root.close();
    if (!this.#wasRefused) await closed;
  }

  #named<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(this.path, error);
    }
  }
}

/**
 * What a refused asynchronous write failed of. The library says `Commit failed` and rejects `commitError` with the reason,
 * which would end the process if nobody took it. Not waited for: it is there already, or it may never come.
 */
async function reasonOf(refusal: unknown): Promise<unknown> {
  const { commitError } = refusal as { commitError?: Promise<never> };
  try {
    await Promise.race([commitError ?? Promise.resolve(), Promise.resolve()]);
    return refusal;
  } catch (reason) {
    return reason;
  }
}

/**
 * An LMDB or system error as `store-full` or `store-failed`; ours stay as they are. A write that the disk takes only a part
 * of comes as EIO from LMDB, so that with hardly any room left EIO means full.
 */
export function storeError(path: string, error: unknown, freeBytes = freeBytesAt): unknown {
  if (error instanceof SluiceError) return error;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  const isFull =
    FULL.has(code) ||
    /MDB_MAP_FULL|No space left|quota exceeded/i.test(messageOf(error)) ||
    (code === EIO && freeBytes(path) < HARDLY_ANY_ROOM_BYTES);
  return new SluiceError(isFull ? 'store-full' : 'store-failed', { path, why: messageOf(error) }, { cause: error });
}

function freeBytesAt(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
