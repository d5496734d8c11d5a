/** Adds to the values of the first `count` entries that are some. */
export function addEach(values: Float64Array, entries: Int32Array, count: number, more: number): void {
  for (let i = 0; i < count; i++) if (entries[i]! >= 0) values[entries[i]!]! += more;
}

/** Sets them. */
export function setEach(values: Float64Array, entries: Int32Array, count: number, value: number): void {
  for (let i = 0; i < count; i++) if (entries[i]! >= 0) values[entries[i]!] = value;
}

/** Sets those that are still 0. */
export function setFirst(values: Float64Array, entries: Int32Array, count: number, value: number): void {
  for (let i = 0; i < count; i++) if (entries[i]! >= 0 && values[entries[i]!] === 0) values[entries[i]!] = value;
}
