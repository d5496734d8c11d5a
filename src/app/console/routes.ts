import type { HttpContent, HttpPages, HttpRequest, HttpRoute } from '../../adapters/http/index.js';
import type { Refusal } from '../../console/api.js';
import { SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import { serial } from '../../stream/serial.js';
import { arrivingSamples, explainView } from './explain-view.js';
import type { Feed } from './feed.js';
import type { Frames, Seen } from './frames.js';
import type { Opened } from '../run-watcher.js';
import { whyView } from './why-view.js';
import { modelsView, modelView } from './models-view.js';
import { readPage } from './page.js';
import { proofView } from './proof-view.js';

/** Path → what it answers, as `GET /api` lists them. */
const ANSWERS = {
  '/api/frame': 'everything below that changes by the second',
  '/api/flow': 'stages, rates, what waits, partitions',
  '/api/selection': 'what was kept, against the budget; the sum of weights; by surface',
  '/api/proof': 'curated against uniform rows, over time',
  '/api/models': 'snapshots, and who was champion when',
  '/api/models/VERSION': 'one snapshot: evaluation, reliability, columns',
  '/api/explain?id=ID': 'a request, a sample or an impression, from the topics',
  '/api/why?id=ID': 'what became of all that an id names, dropped and lost too, by a silent re-read',
  '/api/samples': 'kept samples that are committed while you wait, at most 3 s: ids to explain',
  '/api/tap/STAGE?where=EXPR&limit=N': 'server-sent events: records as they leave a stage, people pseudonymous',
  '/api/live': 'server-sent events: history once, then a frame a second',
};

/** Searches under way and waiting. */
const MOST_SEARCHES = 4;

/** The page of the console and what feeds it. Reads only. */
export function consolePages({ config, live, clock }: Seen, frames: Frames, feed: Feed, logger: Logger): HttpPages {
  const page = readPage();
  const inTurn = serial();
  const searches = { count: 0 };
  /** One search of the topics at a time, since it shares the process with the stream; some may wait, no more. */
  const searched = async (search: () => Promise<unknown>): Promise<HttpContent> => {
    if (searches.count >= MOST_SEARCHES)
      return refused(503, `${MOST_SEARCHES} searches wait already`, 'Ask again when they are done.');
    searches.count++;
    try {
      return json(await inTurn(search));
    } catch (thrown) {
      if (thrown instanceof SluiceError && thrown.code === 'sample-unknown')
        return refused(404, thrown.reason, thrown.remedy);
      throw thrown;
    } finally {
      searches.count--;
    }
  };
  const byId =
    (path: string, search: (run: Opened, id: string, signal: AbortSignal) => Promise<unknown>) =>
    (run: Opened, { query, signal }: HttpRequest): HttpContent | Promise<HttpContent> => {
      const id = query.id?.trim() ?? '';
      if (id === '') return refused(400, 'there is no id', `Ask for ${path}?id=ID.`);
      return searched(() => search(run, id, signal));
    };
  return {
    hostNames: [config.http.host, ...config.http.hostNames],
    headers: page.headers,
    streams: [
      { path: '/api/live', open: (client) => feed.open(client) },
      { path: '/api/tap/*', open: (client, request) => live.taps.listen(client, request) },
    ],
    routes: [
      { path: '/', respond: () => ({ contentType: 'text/html; charset=utf-8', body: page.html }) },
      { path: '/api', respond: () => json(ANSWERS) },
      { path: '/api/frame', respond: async () => json(await frames.current()) },
      { path: '/api/flow', respond: async () => json((await frames.current()).flow) },
      { path: '/api/selection', respond: async () => json((await frames.current()).selection) },
      opened('/api/proof', (run) =>
        json(
          proofView(
            run,
            live.partitions.some(([number]) => number === 0),
          ),
        ),
      ),
      opened('/api/models', ({ follower }) => json(modelsView(follower))),
      opened('/api/models/*', ({ follower }, { rest }) => {
        const view = modelView(follower, rest);
        return view ? json(view) : refused(404, `there is no snapshot ${rest}`, 'Ask /api/models for the list.');
      }),
      opened('/api/explain', byId('/api/explain', explainView)),
      opened(
        '/api/why',
        byId('/api/why', (run, id, signal) => whyView(run, id, signal, { clock, logger })),
      ),
      opened('/api/samples', async (run, { signal }) => json(await arrivingSamples(run, signal))),
    ],
  };

  /** A route that has no answer before the run has opened its topics. */
  function opened(
    path: string,
    respond: (run: Opened, request: HttpRequest) => HttpContent | Promise<HttpContent>,
  ): HttpRoute {
    return {
      path,
      respond: (request) =>
        live.open ? respond(live.open, request) : refused(503, 'the run is still opening its topics', 'Ask again.'),
    };
  }
}

function json(content: unknown): HttpContent {
  return { contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(content)}\n` };
}

function refused(status: number, error: string, remedy: string): HttpContent {
  return { ...json({ error, remedy } satisfies Refusal), status };
}
