import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { httpCall, tlsFault, type TlsMaterial } from '../credentials/index.js';

export interface RequestOptions {
  /** Base address, with path when the registry has one; a trailing slash does not matter. */
  readonly url: string;
  /** Gives the value of the `Authorization` header, asked for each request. */
  readonly authorization?: (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Reads the certificates for https, for each request. */
  readonly certificates?: (() => TlsMaterial) | undefined;
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
 * `schema-registry-unreachable`, or `schema-registry-refused` for what only a person can change, never with credentials in
 * its text.
 */
export function registryRequest(options: RequestOptions): Request {
  const base = options.url.replace(/\/+$/, '');
  const url = withoutCredentials(base);
  const unreachable = (why: string) => new SluiceError('schema-registry-unreachable', { url, why });
  const refused = (why: string) => new SluiceError('schema-registry-refused', { url, why });
  return async (method, path, body) => {
    let why = '';
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (attempt > 0) {
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
        options.logger.warn('schema registry did not answer, asking again', { path, why, pauseMs });
        await options.clock.sleep(pauseMs);
      }
      try {
        const answer = await send(`${base}${path}`, method, body, options);
        if (answer.status === 401 || answer.status === 403)
          throw refused(`status ${answer.status} to ${method} ${path}`);
        if (answer.status < 500 && answer.status !== 429) return answer;
        why = `status ${answer.status}`;
      } catch (error) {
        if (error instanceof SluiceError) throw error;
        const fault = tlsFault(error, 'wire.registryCertificates');
        if (fault !== undefined) throw refused(fault);
        why = reasonOfFailure(error);
      }
    }
    throw unreachable(why);
  };
}

async function send(
  url: string,
  method: string,
  body: unknown,
  { authorization: authorizationOf, certificates }: RequestOptions,
): Promise<Answer> {
  const authorization = await authorizationOf?.();
  const headers = {
    accept: `${MEDIA_TYPE}, application/json`,
    ...(body === undefined ? {} : { 'content-type': MEDIA_TYPE }),
    ...(authorization === undefined ? {} : { authorization }),
  };
  const asked = {
    method,
    headers,
    timeoutMs: TIMEOUT_MS,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const { status, text } = await httpCall(url, asked, certificates?.());
  return { status, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a name has several addresses, each has a reason of its own. */
function reasonOfFailure(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
}

/** An address that may be shown. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
