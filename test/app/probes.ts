import type { Child, End } from './process-child.js';

/** What a probe answered while a process lived. */
export interface Watched {
  /** True when it was 200 at least once. */
  readonly wasOk: boolean;
  /** Bodies of the 503s that differ, in the order they came. */
  readonly refusals: readonly string[];
}

/** Where a child that runs with `--log-level info` serves metrics and health. */
export async function healthUrl(child: Child): Promise<string> {
  return /"url":"([^"]+)"/.exec(await child.said(/"url":"http:[^"]+"/))![1]!;
}

/** Asks a probe again and again until the process is gone. */
export async function watchProbe(url: string, probe: 'live' | 'ready', ended: Promise<End>): Promise<Watched> {
  const refusals = new Set<string>();
  let wasOk = false;
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!isOver) {
    try {
      const answer = await fetch(`${url}/${probe}`);
      if (answer.status === 503) refusals.add(await answer.text());
      else wasOk = true;
    } catch {
      // Between its last answer and its end nobody listens any more.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { wasOk, refusals: [...refusals] };
}
