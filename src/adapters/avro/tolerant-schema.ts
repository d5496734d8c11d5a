const KINDS: readonly unknown[] = [
  ...['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'],
  ...['array', 'map', 'record', 'error', 'enum', 'fixed'],
];
type Attributes = Readonly<Record<string, unknown>>;

/**
 * Makes an Avro schema one that avsc accepts, where registries and the Java client accept it as it is:
 *
 * - defaults are left out: one that does not fit its type is common, and none plays a part in reading what was written;
 * - names are spelled in ASCII: Java takes letters of any script. `nameOf` gives a name back as the schema has it;
 * - `{"type": {"type": "string"}}` and `{"type": "a.Name"}` are the type within.
 *
 * Anything else stands as it is, for avsc to judge.
 */
export function tolerant(schema: unknown): { readonly schema: unknown; readonly nameOf: (name: string) => string } {
  const originals = new Map<string, string>();
  const spelled = (name: unknown): unknown => {
    if (typeof name !== 'string') return name;
    const ascii = name.replace(/[^A-Za-z0-9_.]/gu, (letter) => `_x${letter.codePointAt(0)!.toString(16)}_`);
    if (ascii !== name) originals.set(ascii, name);
    return ascii;
  };
  const each = (given: unknown, change: (one: unknown) => unknown): unknown =>
    Array.isArray(given) ? given.map(change) : given;

  const typeIn = (given: unknown): unknown => {
    if (Array.isArray(given)) return given.map(typeIn);
    if (typeof given !== 'object' || given === null) return spelled(given);
    const { default: _default, type, ...rest } = given as Attributes;
    if (!KINDS.includes(type)) return typeIn(type);
    return {
      ...rest,
      type,
      ...('name' in rest ? { name: spelled(rest['name']) } : {}),
      ...('namespace' in rest ? { namespace: spelled(rest['namespace']) } : {}),
      ...('aliases' in rest ? { aliases: each(rest['aliases'], spelled) } : {}),
      ...('symbols' in rest ? { symbols: each(rest['symbols'], spelled) } : {}),
      ...('items' in rest ? { items: typeIn(rest['items']) } : {}),
      ...('values' in rest ? { values: typeIn(rest['values']) } : {}),
      ...('fields' in rest ? { fields: each(rest['fields'], fieldIn) } : {}),
    };
  };
  const fieldIn = (given: unknown): unknown => {
    if (typeof given !== 'object' || given === null) return given;
    const { default: _default, order: _order, ...field } = given as Attributes;
    return {
      ...field,
      name: spelled(field['name']),
      type: typeIn(field['type']),
      ...('aliases' in field ? { aliases: each(field['aliases'], spelled) } : {}),
    };
  };
  return { schema: typeIn(schema), nameOf: (name) => originals.get(name) ?? name };
}
