import { rmSync } from 'node:fs';
import { readLineBatches } from './read-lines.js';
import { openLineWriter, type LineWriter } from './write-events.js';

/** Takes events in any order and writes them oldest first; equal times keep the order they came in. */
export interface SortingWriter {
  add(timeMs: number, line: string): Promise<void> | undefined;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** Characters held in memory before a sorted run goes to disk. */
const RUN_CHARACTERS = 128 * 1024 * 1024;

/**
 * Sorts a stream of any length in bounded memory: sorted runs beside the target, merged at the end (external merge sort).
 * A log that fits into one run never touches the disk twice.
 * @param runPath where runs go: `<runPath>.run-<n>`, removed at the end
 */
export function sortInto(target: LineWriter, runPath: string, runCharacters = RUN_CHARACTERS): SortingWriter {
  let held: { timeMs: number; line: string }[] = [];
  let heldCharacters = 0;
  const runs: string[] = [];

  const sorted = (): { timeMs: number; line: string }[] => held.sort((a, b) => a.timeMs - b.timeMs);
  const spill = async (): Promise<void> => {
    const path = `${runPath}.run-${runs.length}`;
    runs.push(path);
    const writer = openLineWriter(path);
    for (const { timeMs, line } of sorted()) await writer.write(`${timeMs}\t${line}`);
    await writer.close();
    held = [];
    heldCharacters = 0;
  };
  const removeRuns = (): void => {
    for (const path of runs) rmSync(path, { force: true });
  };
  return {
    add(timeMs, line) {
      held.push({ timeMs, line });
      heldCharacters += line.length;
      return heldCharacters >= runCharacters ? spill() : undefined;
    },
    async close() {
      try {
        if (runs.length === 0) {
          for (const { line } of sorted()) await target.write(line);
        } else {
          await spill();
          for await (const line of mergeRuns(runs)) await target.write(line);
        }
        await target.close();
      } finally {
        removeRuns();
      }
    },
    async abort() {
      await target.abort();
      removeRuns();
    },
  };
}

interface Run {
  timeMs: number;
  line: string;
  readonly lines: AsyncGenerator<{ timeMs: number; line: string }>;
}

/** Ties go to the earlier run, which keeps the sort stable. */
async function* mergeRuns(paths: readonly string[]): AsyncGenerator<string> {
  const runs: Run[] = [];
  for (const path of paths) {
    const lines = readRun(path);
    const first = await lines.next();
    if (first.done !== true) runs.push({ ...first.value, lines });
  }
  while (runs.length > 0) {
    let least = 0;
    for (let at = 1; at < runs.length; at++) if (runs[at]!.timeMs < runs[least]!.timeMs) least = at;
    const run = runs[least]!;
    yield run.line;
    const next = await run.lines.next();
    if (next.done === true) runs.splice(least, 1);
    else Object.assign(run, next.value);
  }
}

async function* readRun(path: string): AsyncGenerator<{ timeMs: number; line: string }> {
  for await (const { lines } of readLineBatches(path)) {
    for (const { bytes } of lines) {
      const text = bytes.toString('utf8');
      const tab = text.indexOf('\t');
      yield { timeMs: Number(text.slice(0, tab)), line: text.slice(tab + 1) };
    }
  }
}
