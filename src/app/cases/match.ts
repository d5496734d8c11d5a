/** A record, of a case or of a topic. */
export type Fields = Readonly<Record<string, unknown>>;

/** Numbers that differ by less, relatively, are the same: features are float32, and a case is written by hand. */
const TOLERANCE = 1e-6;

/** True when everything that is expected is there and alike; what is not named may be anything. */
export function fits(expected: unknown, found: unknown): boolean {
  if (typeof expected === 'number' && typeof found === 'number')
    return Math.abs(expected - found) <= TOLERANCE * Math.max(1, Math.abs(expected));
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, found);
  if (typeof found !== 'object' || found === null || Array.isArray(expected) !== Array.isArray(found)) return false;
  if (Array.isArray(expected) && expected.length !== (found as readonly unknown[]).length) return false;
  return Object.entries(expected).every(([name, value]) => fits(value, (found as Fields)[name]));
}

/**
 * Pairs what is expected with what was found, each once, and says what is left over on either side.
 * @param shown fields that name a record for whoever reads the difference
 */
export function differencesIn(
  what: string,
  expected: readonly Fields[],
  found: readonly Fields[],
  shown: readonly string[],
): readonly string[] {
  const left = [...found];
  const missing = expected.filter((one) => {
    const at = left.findIndex((record) => fits(one, record));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const text = (record: Fields, names: readonly string[]): string =>
    JSON.stringify(Object.fromEntries(names.filter((name) => name in record).map((name) => [name, record[name]])));
  const asked = new Set([...shown, ...expected.flatMap((one) => Object.keys(one))]);
  return [
    ...missing.map((one) => `${what}: expected ${JSON.stringify(one)}, and there is none`),
    ...left.map((record) => `${what}: not expected ${text(record, [...asked])}`),
  ];
}
