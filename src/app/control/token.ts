import { readText } from '../../adapters/system/index.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';

const LEAST_LENGTH = 16;

/** Reads the token of `http.control`, from the file where one is named, else from the variable. @throws token-unusable */
export function controlToken({ tokenEnv, tokenFile }: Config['http'], env: NodeJS.ProcessEnv = process.env): string {
  return tokenIn('http.control', tokenEnv, tokenFile, env);
}

/** Reads the token of an option that needs one. @throws token-unusable */
export function tokenIn(
  option: string,
  tokenEnv: string,
  tokenFile: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const token = (tokenFile === undefined ? (env[tokenEnv] ?? '') : readText(tokenFile)).trim();
  const place = tokenFile === undefined ? `in ${tokenEnv}` : `in ${tokenFile}`;
  if (token === '') throw new SluiceError('token-unusable', { option, why: `${place} is missing` });
  if (token.length < LEAST_LENGTH)
    throw new SluiceError('token-unusable', { option, why: `${place} has fewer than ${LEAST_LENGTH} characters` });
  return token;
}
