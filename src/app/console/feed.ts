import type { HttpContent, StreamClient } from '../../adapters/http/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { messageOf } from '../../errors.js';
import type { Frames } from './frames.js';

const EVERY_MS = 1_000;
/** Pages that may watch at once. */
export const MOST_PAGES = 64;

/** Sends every page the same frame once a second, made once; ends with the last page. */
export class Feed {
  private readonly pages = new Set<StreamClient>();
  private readonly stop = new AbortController();
  private isRunning = false;
  /** What all pages were sent last, while they are. */
  private sent: string | undefined;

  constructor(
    private readonly frames: Frames,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Pages that watch now. */
  get pageCount(): number {
    return this.pages.size;
  }

  /** Takes a page in. @returns a refusal when there are too many */
  open(page: StreamClient): HttpContent | undefined {
    if (this.pages.size >= MOST_PAGES)
      return {
        status: 503,
        contentType: 'application/json',
        body: JSON.stringify({
          error: `${MOST_PAGES} pages watch this instance already`,
          remedy: 'Close one of them, or watch through Prometheus and Grafana.',
        }),
      };
    this.pages.add(page);
    page.onEnd(() => this.pages.delete(page));
    page.send(event('history', this.frames.history));
    if (!this.isRunning) void this.run();
    else if (this.sent !== undefined) page.send(this.sent);
    return undefined;
  }

  close(): void {
    this.stop.abort();
    for (const page of this.pages) page.end();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    do {
      try {
        this.sent = event('frame', await this.frames.current());
        for (const page of this.pages) page.send(this.sent);
      } catch (thrown) {
        this.logger.warn('the console has no frame', { reason: messageOf(thrown) });
      }
    } while ((await this.clock.sleep(EVERY_MS, this.stop.signal)) && this.pages.size > 0);
    this.isRunning = false;
    this.sent = undefined;
  }
}

function event(name: string, content: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(content)}\n\n`;
}
