import type { TableConfig } from '../../config/tables-schema.js';
import { tableRole } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import { PLAIN_ROWS, readRows } from '../../import/index.js';
import { compileMessagePath } from '../../pipeline/clean/message-path.js';
import { rowKeyOf } from '../../pipeline/tables/table-fields.js';
import type { NewRecord, Transport } from '../../ports/transport.js';

/**
 * Appends the rows of a file (NDJSON, CSV, Parquet) to the topic of a table, each under its key.
 * @returns how many
 * @throws SluiceError `table-unreadable` at the first row without a key; those of the batches before it were sent
 */
export async function sendTable(
  { name, from, rowKey }: TableConfig,
  path: string,
  transport: Pick<Transport, 'append'>,
): Promise<number> {
  if (!('topic' in from) || rowKey === undefined)
    throw new SluiceError('table-unreadable', {
      table: name,
      path,
      line: 0,
      why: 'rows go to a table with topic and rowKey',
    });
  const look = compileMessagePath(rowKey);
  let sent = 0;
  for await (const { rows } of readRows(path, PLAIN_ROWS)) {
    const records = rows.map(({ value, line, fault }): NewRecord => {
      const key = fault === undefined ? rowKeyOf(look(value as object, value as object)) : null;
      if (key === null)
        throw new SluiceError('table-unreadable', { table: name, path, line, why: fault ?? `no key at ${rowKey}` });
      return { topic: tableRole(name), key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) };
    });
    await transport.append(records);
    sent += records.length;
  }
  return sent;
}
