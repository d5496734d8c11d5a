import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { certificateSource } from './certificates.js';
import { httpCall } from './http-call.js';
import { secretFrom } from './secret.js';
import { tlsFault } from './tls-faults.js';

/** `transport.sasl.oauth` and its like. */
export interface TokenSettings {
  readonly url?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecretEnv?: string | undefined;
  readonly clientSecretFile?: string | undefined;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  readonly caFile?: string | undefined;
  readonly command?: readonly string[] | undefined;
}

export interface TokenDeps {
  /** Section of the config, for errors: `transport.sasl.oauth`. */
  readonly section: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Token {
  readonly text: string;
  /** How long it holds; 0: nobody says. */
  readonly lifetimeMs: number;
}

/** A token is asked for anew in the last part of its life. */
const LAST_SHARE = 0.2;
/** So long at least: a connection lives as long as the token it began with, and asks for the next one 10 s before. */
const LEAST_LEFT_MS = 30_000;
const TIMEOUT_MS = 10_000;
const MAX_TOKEN_BYTES = 65_536;

const run = promisify(execFile);

/**
 * Makes a source of bearer tokens that keeps the last one for most of its life; one that says nothing of its life, or lives
 * less than half a minute, is asked for each time. Calls at once share one request.
 * @returns a function that rejects with `token-refused`, `token-unreachable` or `credential-unreadable`, never with a secret
 */
export function tokenSource(settings: TokenSettings, deps: TokenDeps): () => Promise<string> {
  const fresh = settings.command?.length ? () => byCommand(settings.command!, deps) : () => byEndpoint(settings, deps);
  let kept: { readonly text: string; readonly untilMs: number } | undefined;
  let asking: Promise<string> | undefined;
  return () => {
    if (kept !== undefined && deps.clock.monotonicMs() < kept.untilMs) return Promise.resolve(kept.text);
    asking ??= fresh()
      .then(({ text, lifetimeMs }) => {
        kept = {
          text,
          untilMs: deps.clock.monotonicMs() + lifetimeMs - Math.max(LEAST_LEFT_MS, lifetimeMs * LAST_SHARE),
        };
        return text;
      })
      .finally(() => (asking = undefined));
    return asking;
  };
}

async function byCommand([program, ...words]: readonly string[], { section, clock }: TokenDeps): Promise<Token> {
  try {
    const { stdout } = await run(program!, words, { timeout: TIMEOUT_MS, maxBuffer: MAX_TOKEN_BYTES });
    const text = stdout.trim();
    if (text === '' || /\s/.test(text)) throw new Error('it printed no token, or more than one word');
    return { text, lifetimeMs: lifetimeOf(text, clock) };
  } catch (error) {
    const { code, killed } = error as { readonly code?: unknown; readonly killed?: boolean };
    const said =
      code === undefined || code === null
        ? messageOf(error)
        : typeof code === 'number'
          ? `it ended with status ${code}`
          : `it cannot be run (${String(code as string)})`;
    const why = killed ? `it ran longer than ${TIMEOUT_MS} ms` : said;
    throw new SluiceError('token-refused', { setting: `${section}.command`, why: `${program}: ${why}` });
  }
}

async function byEndpoint(settings: TokenSettings, deps: TokenDeps): Promise<Token> {
  const { section, env, clock, logger } = deps;
  const url = settings.url ?? '';
  const setting = `${section}.url`;
  const secret = secretFrom(
    {
      section,
      file: { option: 'clientSecretFile', path: settings.clientSecretFile },
      variable: { option: 'clientSecretEnv', name: settings.clientSecretEnv },
    },
    env,
  );
  const asked = new URLSearchParams({ grant_type: 'client_credentials' });
  if (settings.scope !== undefined) asked.set('scope', settings.scope);
  if (settings.audience !== undefined) asked.set('audience', settings.audience);
  const user = [settings.clientId ?? '', (secret ?? '').trim()].map(encodeURIComponent).join(':');
  const headers = {
    authorization: `Basic ${Buffer.from(user).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const material = certificateSource(
    settings.caFile === undefined ? undefined : { caFile: settings.caFile },
    section,
    env,
    logger,
  );
  const answer = await httpCall(
    url,
    { method: 'POST', headers, body: asked.toString(), timeoutMs: TIMEOUT_MS },
    material(),
  ).catch((error: unknown) => {
    if (error instanceof SluiceError) throw error;
    const fault = tlsFault(error, section);
    throw fault === undefined
      ? new SluiceError('token-unreachable', { setting, why: `${url} does not answer: ${messageOf(error)}` })
      : new SluiceError('token-refused', { setting, why: `${url}: ${fault}` });
  });
  const body = objectOf(answer.text);
  if (answer.status >= 500 || answer.status === 429)
    throw new SluiceError('token-unreachable', { setting, why: `${url} answered with status ${answer.status}` });
  if (answer.status !== 200 || typeof body['access_token'] !== 'string') {
    const said = typeof body['error'] === 'string' ? ` (${body['error'].slice(0, 100)})` : '';
    throw new SluiceError('token-refused', { setting, why: `${url} answered with status ${answer.status}${said}` });
  }
  const text = body['access_token'];
  const lifetimeMs = Number(body['expires_in'] ?? 0) * 1_000;
  return { text, lifetimeMs: lifetimeMs > 0 ? lifetimeMs : lifetimeOf(text, clock) };
}

/** By the claim `exp` of a JSON Web Token (RFC 7519); 0 for a token of another kind. */
function lifetimeOf(text: string, clock: Clock): number {
  const claims = objectOf(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const expiresSeconds = Number(claims['exp'] ?? 0);
  return expiresSeconds > 0 ? Math.max(0, expiresSeconds * 1_000 - clock.nowMs()) : 0;
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
