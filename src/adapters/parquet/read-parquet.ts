import { open, type FileHandle } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type Compressors } from 'hyparquet';
import { messageOf, SluiceError } from '../../errors.js';
import { utf8Text } from '../../events/utf8-text.js';
import { unpackZstdBlock } from '../compression/index.js';

/** Rows that came together. */
export interface ParquetBatch {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Number of the first in the file, from 1. */
  readonly first: number;
  readonly readFraction: number;
}

/** snappy is the reader's own. */
const COMPRESSORS: Compressors = {
  GZIP: (packed) => gunzipSync(packed),
  BROTLI: (packed) => brotliDecompressSync(packed),
  ZSTD: (packed, unpackedBytes) => unpackZstdBlock(packed, new Uint8Array(unpackedBytes)),
};
const BATCH_ROWS = 10_000;

/**
 * Streams the rows of a Parquet file, a row group or a part of one at a time. Times become ISO texts, whole numbers beyond
 * 2^53 their digits, bytes UTF-8 texts; lists and structs stay what they are.
 * @throws SluiceError `file-unreadable`; `import-file-invalid` with the number of the row
 */
export async function* readParquet(path: string): AsyncGenerator<ParquetBatch> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (thrown) {
    throw new SluiceError('file-unreadable', { path, why: messageOf(thrown) }, { cause: thrown });
  }
  let done = 0;
  try {
    const buffer = await bufferOf(file);
    const metadata = await parquetMetadataAsync(buffer);
    const total = Number(metadata.num_rows);
    for (const group of metadata.row_groups) {
      const groupEnd = done + Number(group.num_rows);
      while (done < groupEnd) {
        const rowEnd = Math.min(groupEnd, done + BATCH_ROWS);
        const options = { file: buffer, metadata, rowStart: done, rowEnd, compressors: COMPRESSORS };
        const rows = (await parquetReadObjects(options)).map((row) => plain(row) as Record<string, unknown>);
        yield { rows, first: done + 1, readFraction: total > 0 ? rowEnd / total : 1 };
        done = rowEnd;
      }
    }
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError('import-file-invalid', { path, line: done + 1, why: messageOf(thrown) }, { cause: thrown });
  } finally {
    await file.close();
  }
}

async function bufferOf(file: FileHandle): Promise<AsyncBuffer> {
  const { size } = await file.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      await file.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
  };
}

/** Values as JSON would have them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return utf8Text(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
