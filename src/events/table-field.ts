const TABLE_FIELD = /^tables\.([^.]+)\.(.+)$/;

/** The table and the path in its rows that a path names; undefined: it is a path in the message. */
export function tableFieldOf(path: string): { readonly table: string; readonly field: string } | undefined {
  const [, table, field] = TABLE_FIELD.exec(path) ?? [];
  return table === undefined || field === undefined ? undefined : { table, field };
}
