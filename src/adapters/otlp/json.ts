/** The forms of OTLP 1.x in JSON (opentelemetry-proto): 64-bit integers are texts, ids are hex. */

type AnyValue = { readonly stringValue: string } | { readonly intValue: string } | { readonly doubleValue: number };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** Attributes of what is not undefined; a whole number is an int. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): readonly KeyValue[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(value) }],
  );
}

function valueOf(value: string | number): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Unix time in nanoseconds, exact to the microsecond. */
export function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}
