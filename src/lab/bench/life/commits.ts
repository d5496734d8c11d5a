import type { Clock } from '../../../ports/clock.js';
import type { Committed, Transport } from '../../../ports/transport.js';
import { SluiceError } from '../../../errors.js';

const LOOK_EVERY_MS = 50;

/** What was committed for each partition, as a text that differs between two commits. */
type Standing = ReadonlyMap<number, string>;

/** When partitions of an application commit, seen from outside at looks some 50 ms apart. */
export class Commits {
  constructor(
    private readonly transport: Pick<Transport, 'committedAll' | 'endOffsets'>,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  async now(): Promise<Standing> {
    const all = await this.transport.committedAll();
    return new Map([...all].map(([partition, committed]) => [partition, textOf(committed)]));
  }

  /**
   * Waits for commits after a standing.
   * @returns monotonic ms of the first commit of any partition, and of the first of the last one
   * @throws SluiceError `stuck` when that has not come in time
   */
  async after(before: Standing, withinMs: number): Promise<{ readonly firstMs: number; readonly allMs: number }> {
    const { clock, signal } = this;
    const deadlineMs = clock.monotonicMs() + withinMs;
    let firstMs: number | undefined;
    while (!signal.aborted && clock.monotonicMs() < deadlineMs) {
      const now = await this.now();
      const moved = [...now].filter(([partition, text]) => before.get(partition) !== text).length;
      if (moved > 0) firstMs ??= clock.monotonicMs();
      if (moved === now.size) return { firstMs: firstMs!, allMs: clock.monotonicMs() };
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    signal.throwIfAborted();
    throw new SluiceError('stuck', {
      what: firstMs === undefined ? 'every partition' : 'a partition',
      forMs: withinMs,
    });
  }

  /** Waits until no partition is more than a few messages behind. */
  async caughtUp(withinMs: number): Promise<void> {
    const { clock, signal, transport } = this;
    const deadlineMs = clock.monotonicMs() + withinMs;
    while (!signal.aborted && clock.monotonicMs() < deadlineMs) {
      const all = await transport.committedAll();
      const ends = await transport.endOffsets('impressions');
      const behind = ends.reduce((sum, end, each) => sum + end - (all.get(each)?.offsets.impressions ?? 0), 0);
      if (behind <= MOST_BEHIND * ends.length) return;
      await clock.sleep(10 * LOOK_EVERY_MS, signal);
    }
    signal.throwIfAborted();
    throw new SluiceError('stuck', { what: 'catching up', forMs: withinMs });
  }

  /**
   * Longest times without a commit until the signal aborts, in ms: of all partitions together, and of the worst one while
   * impressions wait for it.
   */
  async gaps(until: AbortSignal): Promise<{ readonly allMs: number; readonly worstMs: number }> {
    const { clock, transport } = this;
    const last = new Map<number, { readonly text: string; readonly waitsSinceMs: number | undefined }>();
    let lastOfAllMs = clock.monotonicMs();
    let [allMs, worstMs] = [0, 0];
    for (let isOver = false; !isOver;) {
      isOver = !(await clock.sleep(LOOK_EVERY_MS, until));
      const ends = await transport.endOffsets('impressions');
      const now = await transport.committedAll();
      const nowMs = clock.monotonicMs();
      let isMoved = false;
      for (const [partition, committed] of now) {
        const text = textOf(committed);
        const before = last.get(partition);
        const hasMoved = before?.text !== text;
        isMoved ||= hasMoved;
        if (before?.waitsSinceMs !== undefined) worstMs = Math.max(worstMs, nowMs - before.waitsSinceMs);
        const waits = (ends[partition] ?? 0) > committed.offsets.impressions;
        const sinceMs = hasMoved ? nowMs : (before?.waitsSinceMs ?? nowMs);
        last.set(partition, { text, waitsSinceMs: waits ? sinceMs : undefined });
      }
      allMs = Math.max(allMs, nowMs - lastOfAllMs);
      if (isMoved) lastOfAllMs = nowMs;
    }
    return { allMs, worstMs };
  }
}

/** Messages a partition, at which it counts as caught up under live traffic. */
const MOST_BEHIND = 20;

const textOf = ({ offsets, progress }: Committed): string =>
  `${offsets.impressions} ${offsets.interactions} ${progress ?? ''}`;
