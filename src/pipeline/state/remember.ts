/** Longer texts are computed each time: they would cost memory, and are seldom seen twice. */
const LONGEST_REMEMBERED = 256;

/**
 * The same function of a text, with what it gave for recent texts remembered: for functions that cost more than looking a
 * text up. Holds between `most` and twice as many entries, of texts up to 256 characters.
 */
export function remember<T extends string | number>(compute: (text: string) => T, most: number): (text: string) => T {
  let recent = new Map<string, T>();
  let older = new Map<string, T>();
  return (text) => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST_REMEMBERED) return compute(text);
    if (recent.size >= most) {
      older = recent;
      recent = new Map();
    }
    const computed = older.get(text) ?? compute(text);
    recent.set(text, computed);
    return computed;
  };
}
