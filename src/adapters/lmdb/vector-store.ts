import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'lmdb';
import { SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import type { VectorStore } from '../../ports/vector-store.js';
import { storeFault } from './check-file.js';
import { CHECKSUM_BYTES, checksumOf } from './checksum.js';
import { Environment } from './environment.js';

export interface VectorStoreOptions {
  /** Vectors kept at most; between half of it and all of it once it has filled up. */
  readonly maxVectors?: number;
  /** Told when a damaged file was put aside. */
  readonly logger?: Logger;
}

/** 16 of SHA-256's bytes: among 2^32 texts the chance of a clash is below 10⁻¹⁹. */
const KEY_BYTES = 16;

/** Name of the generation that is written to; the other one is older. */
const YOUNGER_FACT = 'younger';
const GENERATIONS = ['vectors-0', 'vectors-1'] as const;

/**
 * A disk cache of vectors in an LMDB environment. What `put` has resolved survives a kill; a power cut may take back the
 * last of it. Bounded by two generations: when the younger is half of `maxVectors`, the older is emptied and takes its
 * place; a vector read from the older moves to the younger, so that what is used stays. A damaged file is put aside.
 * `put` rejects with `store-full` or `store-failed` when the disk refuses; what was stored before can still be read.
 */
export function lmdbVectorStore(path: string, options: VectorStoreOptions = {}): VectorStore {
  return new LmdbVectorStore(openOrReplace(path, options.logger), options.maxVectors ?? 1_000_000);
}

class LmdbVectorStore implements VectorStore {
  readonly #generations: readonly Database<Buffer, Buffer>[];
  /** Index of the generation that is written to. */
  #younger: number;
  /** Read from the older generation since the last put: they move with it. */
  readonly #touched = new Map<string, Buffer>();

  /** True while the older generation is being emptied. */
  #isTurning = false;

  constructor(
    private readonly environment: Environment,
    private readonly maxVectors: number,
  ) {
    this.#generations = GENERATIONS.map((name) => environment.binary(name));
    this.#younger = this.#storedYounger();
  }

  get(key: string): Float32Array | undefined {
    const id = idOf(key);
    const young = this.#generation(0).get(id);
    const found = young ?? this.#generation(1).get(id);
    // A damaged vector would change features: it is made anew.
    if (found === undefined || !isWhole(id, found)) return undefined;
    if (young === undefined) this.#touched.set(id.toString('latin1'), found);
    return toVector(found);
  }

  async put(entries: readonly (readonly [string, Float32Array])[]): Promise<void> {
    if (!this.#isTurning) this.#younger = this.#storedYounger();
    const younger = this.#generation(0);
    const moving = [...this.#touched];
    this.#touched.clear();
    // One transaction, made on the library's own thread.
    const written = younger.batch(() => {
      for (const [id, bytes] of moving) void younger.put(Buffer.from(id, 'latin1'), bytes);
      for (const [key, vector] of entries) {
        const id = idOf(key);
        void younger.put(id, sealed(id, vector));
      }
    });
    await this.environment.written(written);
    if (!this.#isTurning && countOf(younger) >= this.maxVectors / 2) await this.#turn();
  }

  async close(): Promise<void> {
    await this.environment.close();
  }

  /** 0: the younger one, 1: the older one. */
  #generation(age: 0 | 1): Database<Buffer, Buffer> {
    return this.#generations[this.#younger ^ age]!;
  }

  /** As another process that shares the cache may have left it. */
  #storedYounger(): number {
    return this.environment.facts.get(YOUNGER_FACT) === '1' ? 1 : 0;
  }

  async #turn(): Promise<void> {
    this.#isTurning = true;
    this.#younger ^= 1;
    try {
      const writes = [
        this.#generation(0).clearAsync(),
        this.environment.facts.put(YOUNGER_FACT, String(this.#younger)),
      ];
      await Promise.all(writes.map((write) => this.environment.written(write)));
    } finally {
      this.#isTurning = false;
    }
  }
}

function openOrReplace(path: string, logger: Logger | undefined): Environment {
  const why = isFile(join(path, 'data.mdb')) ? storeFault(path) : null;
  if (why !== null) return replaced(path, why, logger);
  try {
    return new Environment(path);
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'store-damaged') return replaced(path, error.reason, logger);
    throw error;
  }
}

/** Puts the damaged file aside, one at most: it may be somebody's who gave the wrong path. Touches nothing else. */
function replaced(path: string, why: string, logger: Logger | undefined): Environment {
  const aside = join(path, 'data.mdb.damaged');
  logger?.warn('the vector cache was damaged and starts empty; the damaged file was put aside', { path, why, aside });
  renameSync(join(path, 'data.mdb'), aside);
  rmSync(join(path, 'lock.mdb'), { force: true });
  return new Environment(path);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function idOf(key: string): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, KEY_BYTES);
}

function countOf(database: Database<Buffer, Buffer>): number {
  return (database.getStats() as { entryCount: number }).entryCount;
}

/** The vector's bytes with their checksum behind them. */
function sealed(id: Buffer, { buffer, byteOffset, byteLength }: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(byteLength + CHECKSUM_BYTES);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
  bytes.writeUInt32BE(checksumOf(id, bytes.subarray(0, byteLength)), byteLength);
  return bytes;
}

function isWhole(id: Buffer, bytes: Buffer): boolean {
  const length = bytes.length - CHECKSUM_BYTES;
  return length >= 0 && length % 4 === 0 && bytes.readUInt32BE(length) === checksumOf(id, bytes.subarray(0, length));
}

/** A copy: the bytes as read need not stand at a multiple of four. */
function toVector(bytes: Buffer): Float32Array {
  const end = bytes.byteOffset + bytes.length - CHECKSUM_BYTES;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, end));
}
