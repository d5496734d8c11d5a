import { createHash } from 'node:crypto';
import type { Config } from '../../../../config/schema.js';
import { messageOf, SluiceError } from '../../../../errors.js';
import type { Clock } from '../../../../ports/clock.js';
import type { Encoder } from '../../../../ports/encoder.js';
import type { Logger } from '../../../../ports/logger.js';
import { httpCall, secretFrom, tlsFault, type HttpAnswer } from '../../../credentials/index.js';
import { mannerOf } from '../built-in.js';
import { encodedOnce } from '../in-flight.js';
import { TEXT_FORM_VERSION, wideText } from '../text-form.js';
import { APIS } from './apis.js';

type Settings = Config['encoder'];

/** What a server is asked with. */
export interface ServerDependencies {
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly env: NodeJS.ProcessEnv;
  /** Told that texts wait for the server, and why; undefined once it answers again. */
  readonly onWaiting?: (why: string | undefined) => void;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** A text that the server refuses is halved down to this many characters. */
const LEAST_CHARACTERS = 16;

/** Names what a vector depends on as far as the config knows: API, model, form of the text and prefix. */
export function serverEncoderId({ server: { api, model }, prefix, ...manner }: Settings): string {
  const { textForm } = mannerOf(manner);
  const facts = [api, model, prefix, textForm, textForm === 'nfkc' ? TEXT_FORM_VERSION : 0];
  return `http-${api}-${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12)}`;
}

/**
 * Opens an encoder that asks a server over HTTP, and learns the dimensions by a first text. Asks with at most
 * `encoder.server.batchTexts` texts a request and `encoder.threads` requests at a time. A server that does not answer in
 * time, is busy (429) or fails (5xx, 408) is asked again with doubling pauses for as long as it takes: texts wait, none is
 * lost. A batch that it refuses (400, 413, 422) is asked text by text, a text that it refuses by its first half.
 * Rejects with `encoder-server-refused` for what only a person can change: another status, no vectors, another dimension;
 * with `encoder-failed` once closed.
 */
export async function openServerEncoder(settings: Settings, deps: ServerDependencies): Promise<Encoder> {
  const { server, prefix, threads } = settings;
  const { textForm } = mannerOf(settings);
  const formed = (text: string): string => prefix + (textForm === 'nfkc' ? wideText(text) : text);
  const asking = new Asking(settings, deps);
  const [probe] = await asking.vectors([formed('text')]);
  const dimensions = probe!.length;
  const checked = (vector: Float32Array): Float32Array => {
    if (vector.length === dimensions) return vector;
    throw asking.refused(`a vector has ${vector.length} numbers, the first one had ${dimensions}`);
  };
  deps.logger.info('encoder opened', { encoderId: serverEncoderId(settings), url: server.url, dimensions });
  return encodedOnce({
    encoderId: serverEncoderId(settings),
    dimensions,
    async encode(texts) {
      const vectors = new Array<Float32Array>(texts.length);
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < texts.length) {
          const from = next;
          next += server.batchTexts;
          const part = await asking.vectors(texts.slice(from, next).map(formed));
          part.forEach((vector, i) => (vectors[from + i] = checked(vector)));
        }
      };
      await Promise.all(Array.from({ length: threads }, work));
      return vectors;
    },
    close: () => asking.close(),
  });
}

class Asking {
  private readonly stop = new AbortController();
  /** Requests that wait for the server to come back. */
  private waiting = 0;

  constructor(
    private readonly settings: Settings,
    private readonly deps: ServerDependencies,
  ) {}

  refused(why: string): SluiceError {
    return new SluiceError('encoder-server-refused', { url: this.settings.server.url, why });
  }

  close(): Promise<void> {
    this.stop.abort();
    return Promise.resolve();
  }

  /** One unit vector a text, in order. */
  async vectors(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const answer = await this.answer(texts);
    if (answer.status === 200) return this.read(answer.text, texts.length);
    if (texts.length === 1) {
      const [text] = texts;
      if (text!.length <= LEAST_CHARACTERS) throw this.refused(`status ${answer.status} to a text of ${text!.length}`);
      return this.vectors([text!.slice(0, text!.length >> 1)]);
    }
    const each: Float32Array[] = [];
    for (const text of texts) each.push(...(await this.vectors([text])));
    return each;
  }

  /** Asks until the server answers with vectors, or that it cannot take these texts. */
  private async answer(texts: readonly string[]): Promise<HttpAnswer> {
    let isWaiting = false;
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        if (this.stop.signal.aborted) throw new SluiceError('encoder-failed', { why: 'it was closed' });
        const tried = await this.try(texts);
        if (typeof tried !== 'string') return tried;
        if (!isWaiting) {
          isWaiting = true;
          this.waiting++;
          if (this.waiting === 1) {
            this.deps.logger.warn('texts wait for the encoder server', { url: this.settings.server.url, why: tried });
            this.deps.onWaiting?.(tried);
          }
        }
        await this.deps.clock.sleep(pauseMs, this.stop.signal);
      }
    } finally {
      if (isWaiting) this.waiting--;
      if (isWaiting && this.waiting === 0) this.deps.onWaiting?.(undefined);
    }
  }

  /** The answer, or why it is worth asking again. */
  private async try(texts: readonly string[]): Promise<HttpAnswer | string> {
    const { url, api, model, timeoutMs } = this.settings.server;
    const body = JSON.stringify(APIS[api].body(texts, model));
    const headers = { 'content-type': 'application/json', accept: 'application/json', ...this.authorization() };
    let answer: HttpAnswer;
    try {
      answer = await httpCall(`${url.replace(/\/+$/, '')}${APIS[api].path}`, {
        method: 'POST',
        headers,
        body,
        timeoutMs,
      });
    } catch (error) {
      const fault = tlsFault(error, 'encoder.server.url');
      if (fault !== undefined) throw this.refused(fault);
      return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
    }
    const { status } = answer;
    if (status === 200 || status === 400 || status === 413 || status === 422) return answer;
    if (status === 408 || status === 429 || status >= 500) return `status ${status}`;
    throw this.refused(`status ${status}`);
  }

  private authorization(): Record<string, string> {
    const { tokenEnv } = this.settings.server;
    if (tokenEnv === undefined) return {};
    const place = { section: 'encoder.server', variable: { option: 'tokenEnv', name: tokenEnv } };
    return { authorization: `Bearer ${secretFrom(place, this.deps.env)!}` };
  }

  private read(text: string, count: number): readonly Float32Array[] {
    const { api } = this.settings.server;
    let vectors: readonly unknown[] | undefined;
    try {
      vectors = APIS[api].vectors(JSON.parse(text));
    } catch {
      throw this.refused('the answer is not JSON');
    }
    if (vectors?.length !== count) throw this.refused(`${vectors?.length ?? 'no'} vectors for ${count} texts`);
    return vectors.map((vector) => this.unit(vector));
  }

  private unit(given: unknown): Float32Array {
    if (!Array.isArray(given) || given.length === 0) throw this.refused('a vector is no list of numbers');
    const vector = Float32Array.from(given as number[]);
    let squares = 0;
    for (const value of vector) squares += value * value;
    if (!(squares > 0) || !Number.isFinite(squares)) throw this.refused('a vector has no finite length');
    const norm = Math.sqrt(squares);
    return vector.map((value) => value / norm);
  }
}
