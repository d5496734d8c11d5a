import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { TlsMaterial } from './certificates.js';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** Longest answer that is read. */
const MAX_ANSWER_BYTES = 16_777_216;

/**
 * One request over a connection of its own, so that it shows the certificates of now. Follows no redirect. Rejects when no
 * answer comes in time, with Node's error.
 */
export function httpCall(url: string, asked: HttpRequest, tls: TlsMaterial = {}): Promise<HttpAnswer> {
  const { method, headers, body, timeoutMs } = asked;
  return new Promise((resolve, reject) => {
    const isTls = new URL(url).protocol === 'https:';
    const common = { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) } as const;
    const sent = isTls ? requestTls(url, { ...common, ...tls }) : requestPlain(url, common);
    sent.once('error', (error) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${timeoutMs} ms`) : error),
    );
    sent.once('response', (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
        if (length > MAX_ANSWER_BYTES)
          response.destroy(new Error(`the answer has more than ${MAX_ANSWER_BYTES} bytes`));
        else parts.push(part);
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    sent.end(body);
  });
}
