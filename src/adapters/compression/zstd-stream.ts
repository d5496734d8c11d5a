import { Transform, type Duplex } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';

/** Node has zstd of its own from 22.15 on. */
interface NativeZstd {
  readonly createZstdDecompress?: () => Duplex;
}

/** A stream that unpacks zstd; several frames are one stream. Damaged input ends it with an error. */
export function zstdUnpacker({ createZstdDecompress }: NativeZstd = zlib as NativeZstd): Duplex {
  if (createZstdDecompress) return createZstdDecompress();
  let parts: Uint8Array[] = [];
  const reader = new Decompress((part) => void parts.push(part));
  const passOn = (stream: Transform): void => {
    for (const part of parts) if (part.length > 0) stream.push(part);
    parts = [];
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        reader.push(chunk);
        passOn(this);
        done();
      } catch (thrown) {
        done(thrown as Error);
      }
    },
    flush(done) {
      try {
        reader.push(new Uint8Array(0), true);
        passOn(this);
        done();
      } catch (thrown) {
        done(thrown as Error);
      }
    },
  });
}

/** Unpacks one block whose unpacked size is known. */
export { decompress as unpackZstdBlock } from 'fzstd';
