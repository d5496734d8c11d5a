import { useEffect, useState } from 'preact/hooks';
import type { Frame, HistoryPoint, Refusal } from '../src/console/api.js';

/** What the page knows of the run right now. */
export interface Live {
  readonly frame: Frame | undefined;
  /** The newest minutes, oldest first. */
  readonly history: readonly HistoryPoint[];
  /** `lost`: the numbers shown are the last ones that came. */
  readonly link: 'opening' | 'live' | 'lost';
}

const MOST_POINTS = 600;
const TRY_AGAIN_MS = 3_000;

/** Follows the run: a frame a second, and the history once. Tries again by itself when the line breaks. */
export function useLive(): Live {
  const [live, setLive] = useState<Live>({ frame: undefined, history: [], link: 'opening' });
  useEffect(() => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      source = new EventSource('/api/live');
      source.addEventListener('history', ({ data }: MessageEvent<string>) =>
        setLive((now) => ({ ...now, history: JSON.parse(data) as HistoryPoint[] })),
      );
      source.addEventListener('frame', ({ data }: MessageEvent<string>) => {
        const frame = JSON.parse(data) as Frame;
        setLive(({ history }) => ({ frame, history: withPoint(history, frame), link: 'live' }));
      });
      source.onerror = () => {
        setLive((now) => ({ ...now, link: 'lost' }));
        // A refusal closes it for good; a broken line is mended by the browser.
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, TRY_AGAIN_MS);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, []);
  return live;
}

function withPoint(history: readonly HistoryPoint[], { point }: Frame): readonly HistoryPoint[] {
  if (history.at(-1)?.atMs === point.atMs) return history;
  return [...history, point].slice(-MOST_POINTS);
}

/** An answer of the API, or why there is none. */
export interface Answer<T> {
  readonly value: T | undefined;
  readonly refusal: Refusal | undefined;
  readonly isAsking: boolean;
}

/** Asks the API, again whenever `version` changes; what was there stays until the new answer comes. undefined asks nothing. */
export function useAnswer<T>(path: string | undefined, version: unknown): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T> & { path?: string }>({
    value: undefined,
    refusal: undefined,
    isAsking: false,
  });
  useEffect(() => {
    if (path === undefined) return;
    const leaving = new AbortController();
    setAnswer((now) => ({
      ...(now.path === path ? now : { value: undefined, refusal: undefined }),
      path,
      isAsking: true,
    }));
    ask<T>(path, leaving.signal).then(
      (given) => setAnswer({ ...given, path, isAsking: false }),
      (thrown: unknown) => {
        if (!leaving.signal.aborted)
          setAnswer((now) => ({
            ...now,
            isAsking: false,
            refusal: { error: String(thrown), remedy: 'Is the run still there?' },
          }));
      },
    );
    return () => leaving.abort();
  }, [path, version]);
  return path === undefined ? { value: undefined, refusal: undefined, isAsking: false } : answer;
}

async function ask<T>(path: string, signal: AbortSignal): Promise<Pick<Answer<T>, 'value' | 'refusal'>> {
  const response = await fetch(path, { signal });
  const content = (await response.json()) as unknown;
  return response.ok ? { value: content as T, refusal: undefined } : { value: undefined, refusal: content as Refusal };
}
