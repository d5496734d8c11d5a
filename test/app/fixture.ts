import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendEvents } from '../../src/adapters/event-files/index.js';
import { RecordingMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import type { Accounting } from '../../src/app/accounting.js';
import type { RunOptions } from '../../src/app/run-options.js';
import { type DumpedTopic, dumpTopic } from '../../src/app/dump/index.js';
import type { ResetDeps } from '../../src/app/reset.js';
import { runSluice } from '../../src/app/run.js';
import { openCodecs, openTransport } from '../../src/app/wire.js';
import { type Config, configSchema, type ConfigInput } from '../../src/config/schema.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import type { Headers, OutputName, Transport } from '../../src/ports/transport.js';

/** A row of an output topic, as a dump gives it. */
export type Row = Readonly<Record<string, unknown>> & {
  readonly sampleId: string;
  readonly label: 0 | 1;
  readonly features: readonly (number | null)[];
};

/** What a law changes of the config it runs with. */
export type Changes = Partial<ConfigInput>;

/** Where the topics live: gives the parts of a config that name a fresh application on it. */
export type Place = (name: string, folder: string) => Changes;

export const embedded: Place = (name, folder) => ({
  application: name,
  transport: { kind: 'embedded', path: join(folder, name) },
});

const KEY_FILE = 'pseudonym.key';

const deps = { logger: silentLogger, clock: systemClock };

/** What a reset needs beside the application. */
export const resetDeps = (signal = new AbortController().signal): ResetDeps => ({ ...deps, signal });

/** Applications in a temporary folder, which {@link World.remove} removes. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-app-'));
  private nameCount = 0;

  constructor(
    private readonly place: Place,
    private readonly changes: Changes = {},
  ) {
    // On Kafka nothing makes a key by itself: every instance must have the same one.
    writeFileSync(join(this.folder, KEY_FILE), 'a pseudonym key for tests\n', { mode: 0o600 });
  }

  /** A fresh application: nothing in its topics. Texts are not embedded unless a change says so. */
  application(changes: Changes = {}): Application {
    const name = `app${++this.nameCount}`;
    const placed = this.place(name, this.folder);
    const config = configSchema.parse({
      encoder: { enabled: false },
      privacy: { keyFile: join(this.folder, KEY_FILE) },
      http: { enabled: 'off' },
      ...this.changes,
      ...changes,
      ...placed,
      topics: { ...this.changes.topics, ...changes.topics, ...placed.topics },
    });
    return new Application(config);
  }

  /** The same application with another config. */
  again({ config }: Application, changes: object): Application {
    return new Application({ ...config, ...changes });
  }

  /** Writes lines as an event-file folder. An object becomes its JSON, text stands as it is. */
  events(impressions: readonly (object | string)[], interactions: readonly (object | string)[]): string {
    const folder = join(this.folder, `events${++this.nameCount}`);
    mkdirSync(folder);
    const text = (lines: readonly (object | string)[]): string =>
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
    writeFileSync(join(folder, 'impressions.ndjson'), text(impressions));
    writeFileSync(join(folder, 'interactions.ndjson'), text(interactions));
    return folder;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An application as its operator sees it. */
export class Application {
  /** What its runs recorded. */
  readonly metrics = new RecordingMetrics();

  constructor(readonly config: Config) {}

  async send(eventsDir: string): Promise<void> {
    const codecs = this.config.wire.inputFormat === 'json' ? undefined : openCodecs(this.config, deps);
    await this.withTransport((transport) => sendEvents(eventsDir, transport, codecs));
  }

  /**
   * Runs to the end of the input.
   * @param parts in place of its own; the run closes the transport
   */
  runToEnd(
    eventsDir?: string,
    parts: Pick<Partial<RunOptions>, 'health' | 'logger' | 'transport'> = {},
  ): Promise<Accounting> {
    return this.run(new AbortController(), Infinity, eventsDir, parts);
  }

  /**
   * Runs until so many samples have been seen, then drains as SIGTERM makes it.
   * @param parts in place of its own; the run closes the transport
   */
  runUntilSeen(sampleCount: number, parts: Pick<Partial<RunOptions>, 'transport'> = {}): Promise<Accounting> {
    return this.run(new AbortController(), sampleCount, undefined, parts);
  }

  /** An output topic, as a committed reader reads it. */
  rows(topic: DumpedTopic): Promise<Row[]> {
    return this.withTransport(async (transport) => {
      let text = '';
      const codecs = openCodecs(this.config, deps);
      await dumpTopic({ transport, codecs, config: this.config }, topic, 'ndjson', async (part) => void (text += part));
      return text === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as Row);
    });
  }

  /** Headers of the rows of output topics. */
  headers(topics: readonly OutputName[]): Promise<Map<OutputName, Headers[]>> {
    return this.withTransport(async (transport) => {
      const found = new Map(topics.map((topic): [OutputName, Headers[]] => [topic, []]));
      const reader = await transport.reader(topics, 'earliest');
      try {
        while (!(await reader.caughtUp()))
          for (const { topic, headers } of await reader.poll(200)) found.get(topic as OutputName)!.push(headers);
      } finally {
        await reader.close();
      }
      return found;
    });
  }

  /** Training and audit samples by id. @throws when an id stands twice */
  async samples(): Promise<Map<string, Row>> {
    const rows = [...(await this.rows('training')), ...(await this.rows('audit'))];
    const byId = new Map(rows.map((row) => [row.sampleId, row]));
    if (byId.size !== rows.length) throw new Error(`${rows.length - byId.size} samples are doubled`);
    return byId;
  }

  /** @param clock gives the timestamps of what is appended */
  async withTransport<T>(action: (transport: Transport) => Promise<T>, clock = deps.clock): Promise<T> {
    const transport = openTransport(this.config, { ...deps, clock });
    try {
      await transport.prepare();
      return await action(transport);
    } finally {
      await transport.close();
    }
  }

  private run(
    stop: AbortController,
    untilSeenCount: number,
    eventsDir?: string,
    parts: Pick<Partial<RunOptions>, 'health' | 'logger' | 'transport'> = {},
  ): Promise<Accounting> {
    return runSluice(this.config, {
      ...(eventsDir === undefined ? {} : { eventsDir }),
      untilEnd: true,
      signal: stop.signal,
      onProgress: (seenCount) => {
        if (seenCount >= untilSeenCount) stop.abort();
      },
      logger: silentLogger,
      metrics: this.metrics,
      health: createHealthBoard(systemClock),
      ...parts,
    });
  }
}

/** What does not depend on the model: two runs over the same input must agree on all of it. */
export function factsOf(samples: ReadonlyMap<string, Row>): Map<string, unknown> {
  const facts = [...samples].map(([id, row]): [string, unknown] => [
    id,
    { ...row, prediction: undefined, snapshotVersion: undefined },
  ]);
  return sorted(facts);
}

/** What the input alone decides about a sample: no scorer, budget, salt or restart may touch it. */
export function inputFactsOf(samples: ReadonlyMap<string, Row>): Map<string, unknown> {
  const names = [
    'requestId',
    'surface',
    'eventTimeMs',
    'closeTimeMs',
    'itemId',
    'position',
    'label',
    'outcome',
    'value',
    'features',
    'featureSetId',
  ];
  const facts = [...samples].map(([id, row]): [string, unknown] => [id, names.map((name) => row[name])]);
  return sorted(facts);
}

function sorted(facts: [string, unknown][]): Map<string, unknown> {
  return new Map(facts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
