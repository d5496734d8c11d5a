import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the file with a stretch of a partition; offsets have as many digits as they may need, so that names are in order. */
export function stretchName(topic: string, partition: number, from: number, to: number): string {
  return `${topic}-${partition}-${padded(from)}-${padded(to)}.parquet`;
}

/** Where the stretches of each partition end that are whole: what has its name. */
export async function writtenEnds(folder: string, topic: string): Promise<ReadonlyMap<number, number>> {
  const whole = new RegExp(`^${topic}-(\\d+)-\\d+-(\\d+)\\.parquet$`);
  const ends = new Map<number, number>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith('day=')) continue;
    for (const name of await readdir(join(folder, entry.name))) {
      const [, partition, end] = whole.exec(name) ?? [];
      if (partition === undefined || end === undefined) continue;
      ends.set(Number(partition), Math.max(ends.get(Number(partition)) ?? 0, Number(end)));
    }
  }
  return ends;
}

function padded(offset: number): string {
  return String(offset).padStart(16, '0');
}
