import type { Subscriber } from 'rxjs';
import { type LineThread, startLineThread, Transferred } from '../../adapters/threads/index.js';
import { type LiveConfig, liveOf } from '../../config/live.js';
import type { Champion } from '../../pipeline/partition.js';
import type { Model } from '../../ports/model.js';
import type { PartitionLease, TopicReader, Transport } from '../../ports/transport.js';
import type { Decided } from '../console/selection-tally.js';
import type { Sign } from '../partition-chain.js';
import type { PartitionLook } from '../partition-look.js';
import type { RunOptions } from '../run-options.js';
import type { Describe } from '../serving/describer.js';
import type { Tapped } from '../tap/where.js';
import type { Parts } from '../wire.js';
import type { Opening, RunDoors, SentChampion, SentDecisions, SentSign, ThreadDoors } from './doors.js';
import { replay } from './forwarded.js';
import { packVectors } from './line-vectors.js';
import { buffersOf, packRead, packTopics, unpackNew } from './packed.js';

/** What a partition thread needs of the run. */
export interface ThreadSurroundings {
  readonly transport: Pick<Transport, 'partitionCount' | 'recordLimit' | 'reader' | 'endOffsets'>;
  readonly parts: Pick<Parts, 'vectors'>;
  readonly options: Pick<RunOptions, 'metrics' | 'logger' | 'live' | 'watcher' | 'traces'>;
  readonly opening: Omit<Opening, 'live'>;
  readonly champion: () => Model | undefined;
  readonly bytesOf: (version: string) => SentChampion;
}

/** What a chain needs of the run beside its lease. */
export interface ThreadedChain {
  readonly lease: PartitionLease;
  readonly champion: Champion;
  readonly shown?: {
    selected(decided: Decided): void;
    tapped(stage: string, records: readonly Tapped[]): void;
  };
  /** Aborted when the unit under way is to be the last one. */
  readonly signal: AbortSignal;
}

interface Life extends ThreadedChain {
  readonly signs: Subscriber<Sign>;
  /** As of its last sign. */
  readonly look: PartitionLook;
}

interface Running {
  readonly thread: LineThread<ThreadDoors>;
  readonly opened: Promise<void>;
  /** The champion it was told of; '' when it is to be told anew. */
  told: string | undefined;
  /** The settings it was told of. */
  live: LiveConfig | undefined;
  /** The stages whose records it was asked to show, by comma. */
  tapped: string;
  readonly readers: Map<number, TopicReader>;
}

/**
 * A thread for chains, started with the first one. Its reads and commits are made here, on the lease that the transport gave
 * to the run, so that a transaction is the same whichever thread thought of it. A thread that ends fails its chains with
 * `worker-exited`; the next one starts it again.
 */
export class PartitionThread {
  private readonly lives = new Map<number, Life>();
  private running: Running | undefined;
  private lifeCount = 0;
  private readerCount = 0;
  private isClosed = false;

  constructor(
    private readonly name: string,
    private readonly around: ThreadSurroundings,
  ) {}

  /** Chains that live here. */
  get busyCount(): number {
    return this.lives.size;
  }

  /** Lets a chain live here. @returns what ends it without waiting for it */
  live(chain: ThreadedChain, signs: Subscriber<Sign>): () => void {
    const { lease, signal } = chain;
    const life = ++this.lifeCount;
    this.lives.set(life, { ...chain, signs, look: {} as PartitionLook });
    const running = (this.running ??= this.start());
    const { line } = running.thread;
    const stop = (): void => line.tell('stop', { life });
    const lose = (): void => line.tell('lose', { life });
    running.opened
      .then(() => {
        if (!this.lives.has(life)) return undefined;
        const ended = line.ask('live', { life, partition: lease.partition });
        listen(signal, stop);
        listen(lease.signal, lose);
        return ended;
      })
      .then(
        () => signs.complete(),
        (thrown: unknown) => signs.error(thrown),
      );
    return () => {
      this.lives.delete(life);
      signal.removeEventListener('abort', stop);
      lease.signal.removeEventListener('abort', lose);
      line.tell('drop', { life });
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.running?.thread.terminate();
  }

  private start(): Running {
    const { logger } = this.around.options;
    const readers = new Map<number, TopicReader>();
    const thread = startLineThread<ThreadDoors>({
      workerUrl: new URL('./partition-worker.js', import.meta.url),
      name: this.name,
      doors: this.doors(readers),
      onExit: (error) => {
        if (this.running === running) this.running = undefined;
        for (const reader of readers.values()) void reader.close().catch(() => undefined);
        if (!this.isClosed) logger.warn('a partition thread ended', { thread: this.name, error });
      },
    });
    const live = this.around.options.live?.config;
    const opened = thread.line.ask('open', { ...this.around.opening, live });
    const running: Running = { thread, opened, told: undefined, live, tapped: '', readers };
    opened.catch(() => {
      // The next life tries again with another one.
      if (this.running === running) this.running = undefined;
      void thread.terminate();
    });
    return running;
  }

  private doors(readers: Map<number, TopicReader>): RunDoors {
    const { transport, parts, options } = this.around;
    const { metrics, logger } = options;
    const lease = (life: number): PartitionLease => this.life(life).lease;
    return {
      committed: ({ life }) => lease(life).committed(),
      seek: ({ life, offsets }) => lease(life).seek(offsets),
      poll: async ({ life, input, maxBytes, waitMs, mayBeOldMs }) => {
        const { records, ...fetched } = await lease(life).poll(input, maxBytes, waitMs, mayBeOldMs);
        const packed = packRead(records);
        return new Transferred({ ...fetched, records: packed }, buffersOf(packed));
      },
      commit: async ({ life, records, ...unit }) => lease(life).commit({ ...unit, records: unpackNew(records) }),
      allowance: async ({ life, seen }) => {
        const allowance = await this.life(life).champion.allowance(seen);
        this.tellChampion();
        return allowance;
      },
      partitionCount: (topic) => transport.partitionCount(topic),
      recordLimit: (topic) => transport.recordLimit(topic),
      endOffsets: (topic) => transport.endOffsets(topic),
      reader: async ({ topics, from, partition }) => {
        // Another one may be opened while this one is.
        const number = ++this.readerCount;
        readers.set(number, await transport.reader(topics, from, partition));
        return number;
      },
      pollReader: async ({ reader, waitMs }) => {
        const packed = packTopics(await readers.get(reader)!.poll(waitMs));
        return new Transferred(packed, buffersOf(packed));
      },
      caughtUpReader: (reader) => readers.get(reader)!.caughtUp(),
      closeReader: async (reader) => {
        await readers.get(reader)?.close();
        readers.delete(reader);
      },
      vectors: async (texts) => {
        // A source of its own: those of several questions may be under way.
        const source = parts.vectors()!;
        await source.load(texts);
        const sent = packVectors(texts, source);
        return new Transferred(sent, [sent.has.buffer, sent.values.buffer]);
      },
      sign: (sign) => this.signed(sign),
      decided: (decisions) => this.decided(decisions),
      traced: (unit) => options.traces?.unit(unit),
      tapped: ({ life, stage, records }) => this.lives.get(life)?.shown?.tapped(stage, records),
      recorded: (recordings) => replay(recordings, metrics),
      said: ({ level, message, fields }) => logger[level](message, fields),
      championFailed: ({ version, why }) => {
        if (this.running) this.running.told = '';
        const champion = this.around.champion();
        if (champion?.snapshotVersion === version) champion.fail?.(why);
      },
    };
  }

  private signed({ life, kind, look, recordings }: SentSign): void {
    replay(recordings, this.around.options.metrics);
    this.tellSettings();
    const here = this.lives.get(life);
    if (!here) return;
    if (look) Object.assign(here.look, look);
    const line = this.running?.thread.line;
    const describe: Describe = (list) => line!.ask('describe', { life, list });
    here.signs.next(
      kind === 'step' ? { kind } : kind === 'unit' ? { kind, look: here.look } : { kind, look: here.look, describe },
    );
  }

  private decided({ life, labels, surfaces, fates, inclusionProbabilities }: SentDecisions): void {
    const closed = { rowCount: labels.length, labels, surfaces };
    this.lives.get(life)?.shown?.selected({ scored: { closed }, selected: { fates, inclusionProbabilities } });
  }

  /** Sends the champion of now unless the thread has it. */
  private tellChampion(): void {
    const { running } = this;
    const version = this.around.champion()?.snapshotVersion;
    if (!running || running.told === version) return;
    running.told = version;
    running.thread.line.tell('champion', version === undefined ? null : this.around.bytesOf(version));
  }

  /** Sends what has changed of the settings and of the stages to be shown since the thread was told of them. */
  private tellSettings(): void {
    const { live, watcher } = this.around.options;
    const { running } = this;
    if (!running) return;
    if (live && running.live !== live.config) {
      running.live = live.config;
      running.thread.line.tell('settings', liveOf(live.config));
    }
    const stages = watcher?.tappedStages?.() ?? [];
    if (running.tapped === stages.join()) return;
    running.tapped = stages.join();
    running.thread.line.tell('tap', stages);
  }

  private life(life: number): Life {
    const here = this.lives.get(life);
    if (!here) throw new DOMException('nobody waits for this life of the partition any more', 'AbortError');
    return here;
  }
}

function listen(signal: AbortSignal, onAbort: () => void): void {
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
}
