import type { HttpPages } from '../../adapters/http/index.js';
import type { Logger } from '../../ports/logger.js';
import type { RunWatcher } from '../run-watcher.js';
import { Feed } from './feed.js';
import { Frames, type Seen } from './frames.js';
import { LiveRun } from './live-run.js';
import { consolePages } from './routes.js';

/** The console of a run: what it is told, and what it serves. */
export interface Console {
  /** To be given to the run. */
  readonly watcher: RunWatcher;
  readonly pages: HttpPages;
  /** Pages that are open now. */
  readonly pageCount: () => number;
  readonly close: () => void;
}

/** Makes a console. As long as nobody looks it computes nothing but the tally of the newest minute. */
export function openConsole(around: Omit<Seen, 'live'>, logger: Logger): Console {
  const live = new LiveRun(around.clock);
  const seen = { ...around, live };
  const frames = new Frames(seen);
  const feed = new Feed(frames, around.clock, logger);
  return {
    watcher: live,
    pages: consolePages(seen, frames, feed),
    pageCount: () => feed.pageCount,
    close: () => feed.close(),
  };
}
