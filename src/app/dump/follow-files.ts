import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FollowingFiles, PartitionFiles } from './partition-files.js';
import type { DumpSource, RecordTopic } from './records.js';
import { namesFor } from './rows.js';
import { writtenEnds } from './written-ends.js';

/**
 * Follows a topic into Parquet files, a folder a day (`day=2026-11-28`, UTC, by when rows were written) and a file for each
 * stretch of a partition, until the signal. A file has its name, which says its offsets, only when it is whole; a start
 * goes on behind the last one, so every row is in exactly one file, however it ended before.
 * @returns how many rows were written
 * @throws feature-set-unknown, column-unknown
 */
export async function followToFiles(
  source: DumpSource,
  topic: RecordTopic,
  following: FollowingFiles,
): Promise<number> {
  const { folder, signal } = following;
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder))
    if (name.startsWith(`.${topic}-`) && name.endsWith('.part')) await rm(join(folder, name));
  const ends = await writtenEnds(folder, topic);
  const partitionCount = await source.transport.partitionCount(topic);
  const failed = new AbortController();
  const around = { ...following, signal: AbortSignal.any([signal, failed.signal]) };
  const runs = Array.from({ length: partitionCount }, async (_, partition) => {
    const names = await namesFor(source, topic);
    const files = new PartitionFiles(source, { topic, partition, names }, around);
    try {
      return await files.follow(ends.get(partition) ?? 0);
    } catch (thrown) {
      failed.abort();
      throw thrown;
    }
  });
  const settled = await Promise.allSettled(runs);
  const failure = settled.find((run) => run.status === 'rejected');
  if (failure) throw failure.reason;
  return settled.reduce((sum, run) => sum + (run.status === 'fulfilled' ? run.value : 0), 0);
}
