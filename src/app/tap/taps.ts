import type { HttpContent, HttpRequest, StreamClient } from '../../adapters/http/index.js';
import { messageOf, SluiceError } from '../../errors.js';
import { TAPPED_STAGES, tappedRecords } from './tapped-records.js';
import { compileWhere, type Tapped } from './where.js';

/** Readers at a time, and records that one may ask for. */
export const MOST_TAPS = 8;
const MOST_RECORDS = 10_000;
const DEFAULT_RECORDS = 20;

interface Tap {
  readonly client: StreamClient;
  readonly stage: string;
  readonly matches: (record: Tapped) => boolean;
  left: number;
}

/**
 * Shows records as they leave a stage, before the unit of work that they are in is committed, to whoever listens. With
 * nobody it costs a look at a number a stage and unit of work; whatever goes wrong ends the tap, never the stream.
 */
export class Taps {
  private readonly open = new Set<Tap>();

  /** Readers that listen now. */
  get count(): number {
    return this.open.size;
  }

  /** Takes a reader in: `/api/tap/STAGE?where=…&limit=…`. @returns a refusal, or undefined */
  listen(client: StreamClient, { rest: stage, query }: Pick<HttpRequest, 'rest' | 'query'>): HttpContent | undefined {
    try {
      if (this.open.size >= MOST_TAPS) throw unusable(`has ${MOST_TAPS} readers already`);
      if (!TAPPED_STAGES.includes(stage)) throw unusable(`cannot be put at ${JSON.stringify(stage)}`);
      const left = Number(query.limit ?? DEFAULT_RECORDS);
      if (!Number.isInteger(left) || left < 1 || left > MOST_RECORDS)
        throw unusable(`shows 1 to ${MOST_RECORDS} records, not ${query.limit}`);
      const tap = { client, stage, matches: compileWhere(query.where ?? ''), left };
      this.open.add(tap);
      client.onEnd(() => this.open.delete(tap));
      // Says that it listens: the first record may be long in coming.
      client.send(': listening\n\n');
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown;
      const { reason: error, remedy } = thrown;
      return { status: 400, contentType: 'application/json', body: `${JSON.stringify({ error, remedy })}\n` };
    }
  }

  /** Shows what a stage gave. */
  gave(partition: number, stage: string, output: unknown): void {
    if (this.open.size === 0) return;
    for (const tap of this.open) if (tap.stage === stage) this.show(tap, partition, () => tappedRecords(stage, output));
  }

  /** Stages that are listened to now. */
  get stages(): readonly string[] {
    return this.open.size === 0 ? [] : [...new Set([...this.open].map(({ stage }) => stage))];
  }

  /** Shows records of what a stage gave. */
  took(partition: number, stage: string, records: readonly Tapped[]): void {
    for (const tap of this.open) if (tap.stage === stage) this.show(tap, partition, () => records);
  }

  /** Ends all of them. */
  close(): void {
    for (const { client } of this.open) client.end();
    this.open.clear();
  }

  private show(tap: Tap, partition: number, records: () => Iterable<Tapped>): void {
    try {
      for (const record of records()) {
        if (!tap.matches(record)) continue;
        tap.client.send(`data: ${JSON.stringify({ partition, ...record })}\n\n`);
        if (--tap.left === 0) return this.end(tap);
      }
    } catch (thrown) {
      tap.client.send(`event: trouble\ndata: ${JSON.stringify(messageOf(thrown))}\n\n`);
      this.end(tap);
    }
  }

  private end(tap: Tap): void {
    this.open.delete(tap);
    tap.client.end();
  }
}

function unusable(why: string): SluiceError {
  return new SluiceError('tap-unusable', { why });
}
