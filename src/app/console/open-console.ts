import type { HttpPages } from '../../adapters/http/index.js';
import type { Logger } from '../../ports/logger.js';
import { Feed } from './feed.js';
import { Frames, type Seen } from './frames.js';
import { consolePages } from './routes.js';

/** The console of a run: what it is told, and what it serves. */
export interface Console {
  readonly pages: HttpPages;
  /** Pages that are open now. */
  readonly pageCount: () => number;
  readonly close: () => void;
}

/** Makes a console. As long as nobody looks it computes nothing but the tally of the newest minute. */
export function openConsole(seen: Seen, logger: Logger): Console {
  const frames = new Frames(seen);
  const feed = new Feed(frames, seen.clock, logger);
  return {
    pages: consolePages(seen, frames, feed, logger),
    pageCount: () => feed.pageCount,
    close() {
      feed.close();
      seen.live.taps.close();
    },
  };
}
