const MS_A_DAY = 86_400_000;

/** Two's complement, most significant byte first, with `scale` decimals: the decimal text, as `BigDecimal.toPlainString` has it. */
export function decimalText(bytes: Uint8Array, scale: number): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  if (bytes.length > 0 && bytes[0]! >= 0x80) value -= 1n << BigInt(8 * bytes.length);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${value < 0n ? '-' : ''}${scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`}`;
}

/** Sixteen bytes as a UUID is written. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Days since 1970 as midnight, UTC. */
export function dateOfDays(days: number): Date {
  return new Date(days * MS_A_DAY);
}

/** Days since 1970 as `2025-10-09`; beyond what a Date can hold, the number as text. */
export function dateText(days: number): string {
  const date = dateOfDays(days);
  return Number.isNaN(date.getTime()) ? String(days) : date.toISOString().slice(0, -'T00:00:00.000Z'.length);
}

/** A long of a timestamp as a time, earlier part of its millisecond cut off. `exact` is a text beyond 2^53. */
export function dateOfUnits(exact: number | string, perMs: number): Date {
  if (typeof exact === 'number') return new Date(Math.floor(exact / perMs));
  const [value, divisor] = [BigInt(exact), BigInt(perMs)];
  const ms = value / divisor - (value < 0n && value % divisor !== 0n ? 1n : 0n);
  return new Date(Number(ms));
}
