import { readFileSync } from 'node:fs';
import { SluiceError } from '../../errors.js';

/** Where a text comes from that a config does not hold. */
export interface SecretPlace {
  /** Section of the config, for errors: `transport.sasl`. */
  readonly section: string;
  readonly file?: { readonly option: string; readonly path: string | undefined };
  readonly variable?: { readonly option: string; readonly name: string | undefined };
}

/**
 * Reads a text now: from the file where one is named, else from the environment. undefined when neither is named.
 * @throws SluiceError `credential-unreadable`, which names setting, file or variable and never what they hold
 */
export function secretFrom({ section, file, variable }: SecretPlace, env: NodeJS.ProcessEnv): string | undefined {
  if (file?.path !== undefined) {
    try {
      return readFileSync(file.path, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      throw new SluiceError('credential-unreadable', {
        setting: `${section}.${file.option}`,
        why: `the file ${file.path} cannot be read (${code})`,
      });
    }
  }
  if (variable?.name === undefined) return undefined;
  const value = env[variable.name];
  if (value !== undefined && value !== '') return value;
  throw new SluiceError('credential-unreadable', {
    setting: `${section}.${variable.option}`,
    why: `names ${variable.name}, which is not set`,
  });
}
