import type { ServerResponse } from 'node:http';

/** Bytes that may wait for a reader; who lets more pile up is let go. */
const MOST_WAITING_BYTES = 4_194_304;

/** A reader of a stream of events. */
export interface StreamClient {
  /** Sends text; a reader that does not keep up is ended. */
  send(text: string): void;
  /** Called once when the reader is gone, whoever ended it. */
  onEnd(listener: () => void): void;
  end(): void;
}

/** Streams server-sent events over a response. What is sent before {@link begin} waits for it. */
export function streamTo(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): StreamClient & { begin(): void } {
  let early: string[] | undefined = [];
  let isOver = false;
  return {
    begin() {
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.flushHeaders();
      for (const text of early ?? []) response.write(text);
      early = undefined;
      if (isOver) response.end();
    },
    send(text) {
      if (early) early.push(text);
      else if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
      else if (!response.destroyed) response.write(text);
    },
    onEnd: (listener) => void response.once('close', listener),
    end() {
      isOver = true;
      if (!early) response.end();
    },
  };
}
