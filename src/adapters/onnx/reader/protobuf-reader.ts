/** One field of a protobuf message as it stands in the bytes. */
export interface ProtobufField {
  readonly field: number;
  /** Value of a varint, as a signed 64-bit number; 0 for other kinds. */
  readonly integer: number;
  /** Content of a length-delimited field, or the four or eight bytes of a fixed one; empty for a varint. */
  readonly bytes: Uint8Array;
  /** The whole field as it stands, tag and length included. */
  readonly raw: Uint8Array;
}

/**
 * The fields of a protobuf message, in order, of the wire types that ONNX uses: varint, 64 bits, length-delimited, 32 bits.
 * Source: protobuf encoding guide.
 * @throws RangeError when the bytes end inside a field or are no protobuf
 */
export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  for (let at = 0; at < message.length;) {
    const [tag, afterTag] = varint(message, at);
    const field = Math.floor(tag / 8);
    const kind = tag % 8;
    if (kind === 0) {
      const [integer, next] = varint(message, afterTag);
      yield { field, integer, bytes: NOTHING, raw: message.subarray(at, next) };
      at = next;
      continue;
    }
    const [length, start] = kind === 2 ? varint(message, afterTag) : [fixedLength(kind), afterTag];
    if (start + length > message.length) throw new RangeError(`field ${field} ends after the message`);
    const end = start + length;
    yield { field, integer: 0, bytes: message.subarray(start, end), raw: message.subarray(at, end) };
    at = end;
  }
}

/** Repeated integers: packed into one field, or one varint a field. */
export function integersOf({ integer, bytes }: ProtobufField): readonly number[] {
  if (bytes.length === 0) return [integer];
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varint(bytes, at);
    values.push(value);
    at = next;
  }
  return values;
}

/** Float32 values, little-endian, packed or a single one. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getFloat32(i * 4, true));
}

/** UTF-8 text of a field. */
export function textOf({ bytes }: ProtobufField): string {
  return new TextDecoder().decode(bytes);
}

const NOTHING = new Uint8Array(0);

function varint(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0n;
  for (let at = start, shift = 0n; at < bytes.length && shift < 70n; at++, shift += 7n) {
    const byte = bytes[at]!;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [Number(BigInt.asIntN(64, value)), at + 1];
  }
  throw new RangeError('a number does not end');
}

function fixedLength(kind: number): number {
  if (kind === 1) return 8;
  if (kind === 5) return 4;
  throw new RangeError(`wire type ${kind} is not used by ONNX`);
}
