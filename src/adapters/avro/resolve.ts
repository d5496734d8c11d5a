import type { AvroType } from './avro-type.js';

/** What an optional type is when it is not null; any other type is itself. */
export function branchOf(type: AvroType | undefined): AvroType | undefined {
  return type?.kind === 'union' ? type.branches.find(({ kind }) => kind !== 'null') : type;
}

/** The type of a field of ours. */
export function fieldOf(ours: AvroType | undefined, name: string): AvroType | undefined {
  return ours?.kind === 'record' ? ours.fields.find((field) => field.name === name)?.type : undefined;
}

/**
 * The names that a written record's fields get, in their order: their own, or one of ours that they have as an alias,
 * where no other field has it. So a producer may rename a field and say so.
 */
export function namesIn(written: AvroType, ours: AvroType | undefined): readonly string[] {
  if (written.kind !== 'record') return [];
  const names = written.fields.map(({ name }) => name);
  if (ours?.kind !== 'record' || ours === written) return names;
  const known = new Set(ours.fields.map(({ name }) => name));
  const taken = new Set(names);
  return written.fields.map(({ name, aliases }) => {
    const alias = known.has(name) ? undefined : aliases.find((other) => known.has(other) && !taken.has(other));
    if (alias === undefined) return name;
    taken.add(alias);
    return alias;
  });
}
