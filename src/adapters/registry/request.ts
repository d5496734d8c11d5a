import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';

export interface RequestOptions {
  /** Base address, with path when the registry has one; a trailing slash does not matter. */
  readonly url: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An answer that is not worth asking for again. */
export interface Answer {
  readonly status: number;
  /** The parsed body; undefined when it is not JSON. */
  readonly body: unknown;
}

/** Sends one request to the registry. */
export type Request = (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) => Promise<Answer>;

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';
const TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Makes a sender of requests that asks again, up to five times with doubling pauses, when the registry does not answer,
 * is busy (429) or fails (5xx). Answers of any other status are the caller's to read, save 401 and 403. Rejects with
 * `schema-registry-unreachable`, never with credentials in its text.
 */
export function registryRequest(options: RequestOptions): Request {
  const base = options.url.replace(/\/+$/, '');
  const unreachable = (why: string) =>
    new SluiceError('schema-registry-unreachable', { url: withoutCredentials(base), why });
  return async (method, path, body) => {
    let why = '';
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (attempt > 0) {
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
        options.logger.warn('schema registry did not answer, asking again', { path, why, pauseMs });
        await options.clock.sleep(pauseMs);
      }
      try {
        const answer = await send(`${base}${path}`, method, body, options.authorization);
        if (answer.status === 401 || answer.status === 403)
          throw unreachable(`status ${answer.status}: check wire.registryAuthEnv`);
        if (answer.status < 500 && answer.status !== 429) return answer;
        why = `status ${answer.status}`;
      } catch (error) {
        if (error instanceof SluiceError) throw error;
        why = reasonOfFailure(error);
      }
    }
    throw unreachable(why);
  };
}

async function send(url: string, method: string, body: unknown, authorization: string | undefined): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      accept: `${MEDIA_TYPE}, application/json`,
      ...(body === undefined ? {} : { 'content-type': MEDIA_TYPE }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: parsed(await response.text()) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says only "fetch failed"; its cause says why. */
function reasonOfFailure(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  return cause instanceof Error ? messageOf(cause) : messageOf(error);
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
