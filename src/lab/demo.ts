import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createLogger } from '../adapters/pino/index.js';
import { requireConfig } from '../config/load.js';
import { SluiceError } from '../errors.js';
import type { Config } from '../config/schema.js';
import { openObservation, type Observation } from '../app/observation.js';
import type { Logger } from '../ports/logger.js';
import type { Clock } from '../ports/clock.js';
import type { Transport } from '../ports/transport.js';
import { committedCounts } from '../app/accounting.js';
import { ChampionWatch } from './demo/champion-watch.js';
import { startFeed } from './demo/feed.js';
import { prepareDemoFolder } from './demo/folder.js';
import { LINE_EVERY_MS, progressLine } from './demo/progress-line.js';
import { demoSummary } from './demo/summary.js';
import { runSluice } from '../app/run.js';
import { openTransport } from '../app/wire.js';

export interface DemoOptions {
  /** Data, to stdout. */
  readonly out: (text: string) => Promise<void>;
  /** A line to stderr. */
  readonly say: (text: string) => void;
  /** Ends the demo early, with its summary. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** A terminal whose line may be rewritten; absent: a line every few seconds through `say`. */
  readonly terminal?: NodeJS.WritableStream | undefined;
  /** Default `.sluice/demo`. */
  readonly folder?: string;
  /** Default 45 s; the demo goes on beyond it until a model has been published, up to three minutes in all. */
  readonly durationMs?: number;
  /** Default 3,000. */
  readonly impressionsPerSecond?: number;
  /** How the program is called, for the commands to try next. */
  readonly programName?: string;
}

const SEED = 7;
/** Each has a text that is embedded once, at some 1,700 a second. */
const ITEM_COUNT = 3_000;
/** Whoever looks at the page sees it go on. */
const WATCHED_MS = 600_000;
/** On a slow machine the first model may take longer than the demo was meant to. */
const PATIENCE_MS = 180_000;

/**
 * The whole story on simulated traffic: a shop's events arrive in real time in the embedded store, the processor joins,
 * embeds, scores and selects them live, retrains and publishes; then a summary on stdout. An aborted signal ends it early
 * and is no failure. A second demo replaces what the first one left.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { out, say, clock, folder: wanted = '.sluice/demo', programName = 'node dist/main.js' } = options;
  const folder = prepareDemoFolder(wanted);
  const config = requireConfig({ file: folder.configFile, env: {}, sets: [] }, say);
  const logStream = createWriteStream(folder.logFile);
  const logger = createLogger({ level: 'info', format: 'json', out: logStream });
  say(
    `Simulated shoppers look and click, in real time; a tenth is kept and a model learns from it. Ctrl-C ends it early.`,
  );

  const ending = new AbortController();
  const end = (): void => ending.abort();
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) end();
  const observation = await observed(config, logger, clock);
  const { health, watcher, url } = observation;
  const transport = openTransport(config, { logger, clock });
  try {
    await transport.prepare();
    const watch = new ChampionWatch(transport, observation.metrics);
    say(`Watch it live at ${url}/ (it goes on while that page is open, up to ten minutes).`);
    const { impressionsPerSecond = 3_000 } = options;
    const feed = startFeed(transport, clock, {
      seed: SEED,
      impressionsPerSecond,
      itemCount: ITEM_COUNT,
      signal: ending.signal,
    });
    const run = runSluice(config, {
      untilEnd: false,
      signal: ending.signal,
      finalProof: options.signal,
      logger,
      metrics: watch.metrics,
      health,
      ...(watcher ? { watcher } : {}),
      clock,
    });
    const progress = showProgress(options, transport, watch, observation.pageCount, ending.signal, end);
    // Whatever ends first ends the other two, and all are done before the store is closed.
    const ended = await Promise.allSettled([run, feed.ended, progress].map((part) => part.finally(end)));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    const accounting = await run;
    const published = await watch.current();
    const elapsedMs = accounting.wallMs;
    await out(demoSummary({ elapsedMs, accounting, published, ceiling: feed.ceiling(), folder, programName }));
  } finally {
    end();
    options.signal.removeEventListener('abort', end);
    await transport.close();
    await observation.close();
    logStream.end();
    await finished(logStream);
  }
}

/** Serves the console on the usual port, on another one where that is taken. */
async function observed(config: Config, logger: Logger, clock: Clock): Promise<Observation> {
  try {
    return await openObservation(config, logger, clock, false);
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== 'http-port-taken') throw thrown;
    return openObservation({ ...config, http: { ...config.http, port: 0 } }, logger, clock, false);
  }
}

async function showProgress(
  { say, clock, terminal, signal: asked, durationMs = 45_000 }: DemoOptions,
  transport: Transport,
  watch: ChampionWatch,
  pageCount: () => number,
  signal: AbortSignal,
  end: () => void,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  const show = (line: string): void => void (terminal ? terminal.write(`\r\u001b[K${line}`) : say(line));
  let lastMs = startedMs;
  let lastRead = 0;
  while (await clock.sleep(terminal ? LINE_EVERY_MS.terminal : LINE_EVERY_MS.elsewhere, signal)) {
    const [counts, { champion }] = [await committedCounts(transport), await watch.current()];
    const nowMs = clock.monotonicMs();
    const impressionsPerSecond = (1000 * (counts.impressionsRead - lastRead)) / (nowMs - lastMs);
    show(progressLine({ elapsedMs: nowMs - startedMs, impressionsPerSecond, counts, champion }));
    [lastMs, lastRead] = [nowMs, counts.impressionsRead];
    const isWatched = pageCount() > 0;
    const isOver = nowMs - startedMs >= durationMs && champion !== undefined && !isWatched;
    if (isOver || nowMs - startedMs >= (isWatched ? WATCHED_MS : PATIENCE_MS)) end();
  }
  terminal?.write('\n');
  if (!asked.aborted)
    say('The traffic is over. One learner is trained on kept and on uniform rows, to compare the two.');
}
