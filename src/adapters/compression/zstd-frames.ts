const MAGIC = 0xfd2fb528;
/** Frames of user data, which mean nothing here; the last four bits are free. */
const SKIPPABLE_MAGIC = 0x184d2a5;
/** A block of this type is one byte, repeated. */
const RLE = 1;
const CHECKSUM_BYTES = 4;

interface Frame {
  readonly frame: Uint8Array;
  /** Bytes that a reader must keep at hand, as the frame says. */
  readonly windowBytes: number;
}

/**
 * The frames of a zstd stream, found by their headers and the lengths of their blocks (RFC 8878, section 3.1). Throws on
 * what is no frame and on one that is cut short.
 */
export function* zstdFrames(bytes: Uint8Array): Generator<Frame> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < bytes.length;) {
    const magic = view.getUint32(start, true);
    if (magic >>> 4 === SKIPPABLE_MAGIC) {
      start += 8 + view.getUint32(start + 4, true);
      continue;
    }
    if (magic !== MAGIC) throw new Error('zstd: this is no frame');
    const flags = view.getUint8(start + 4);
    const { windowBytes, headerBytes } = header(view, start, flags);
    let at = start + headerBytes;
    for (let isLast = false; !isLast;) {
      const block = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      isLast = (block & 1) === 1;
      at += 3 + (((block >> 1) & 3) === RLE ? 1 : block >> 3);
    }
    if ((flags & 4) !== 0) at += CHECKSUM_BYTES;
    if (at > bytes.length) throw new Error('zstd: a frame is cut short');
    yield { frame: bytes.subarray(start, at), windowBytes };
    start = at;
  }
}

function header(view: DataView, start: number, flags: number): { windowBytes: number; headerBytes: number } {
  const isSingleSegment = (flags & 32) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const sizeAt = start + (isSingleSegment ? 5 : 6) + dictionaryBytes;
  const headerBytes = sizeAt + sizeBytes - start;
  if (isSingleSegment) return { windowBytes: contentSize(view, sizeAt, sizeBytes), headerBytes };
  const descriptor = view.getUint8(start + 5);
  const base = 2 ** (10 + (descriptor >> 3));
  return { windowBytes: base + (base / 8) * (descriptor & 7), headerBytes };
}

function contentSize(view: DataView, at: number, sizeBytes: number): number {
  switch (sizeBytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}
