import type { Mechanism } from 'kafkajs';
import { messageOf, SluiceError } from '../../errors.js';
import { faultsOf } from './failures.js';

const SEPARATOR = '\u0001';
const LENGTH_BYTES = 4;

/**
 * SASL OAUTHBEARER (RFC 7628). kafkajs's own does not read the answer, in which a broker says that it does not take a token:
 * the connection then failed later, with an error about something else.
 */
export function bearerMechanism(token: () => Promise<string>, extensions: Readonly<Record<string, string>>): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }) => ({
      async authenticate() {
        const message = firstMessage(await token(), extensions);
        const answer = await saslAuthenticate({
          request: { encode: () => withLength(message) },
          response: { decode: (bytes) => bytes, parse: (bytes) => bytes.subarray(LENGTH_BYTES).toString('utf8') },
        }).catch((error: unknown) => {
          const isRefusal = faultsOf(error).some(({ type }) => type === 'SASL_AUTHENTICATION_FAILED');
          throw isRefusal ? refused(messageOf(error), error) : error;
        });
        // Empty for a token that is taken.
        if (answer) throw refused(statusOf(answer));
      },
    }),
  };
}

function firstMessage(token: string, extensions: Readonly<Record<string, string>>): string {
  const fields = [`auth=Bearer ${token}`, ...Object.entries(extensions).map(([name, value]) => `${name}=${value}`)];
  return `n,,${SEPARATOR}${fields.join(SEPARATOR)}${SEPARATOR}${SEPARATOR}`;
}

function withLength(message: string): Buffer {
  const bytes = Buffer.from(message, 'utf8');
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function refused(why: string, cause?: unknown): SluiceError {
  return new SluiceError(
    'kafka-authentication',
    { why: `it does not take the token of OAUTHBEARER: ${why}` },
    { cause },
  );
}

/** The broker's words are JSON with a status, and may repeat parts of the token. */
function statusOf(answer: string): string {
  const [, status] = /"status"\s*:\s*"([\w .-]{1,60})"/.exec(answer) ?? [];
  return status ?? 'no status given';
}
