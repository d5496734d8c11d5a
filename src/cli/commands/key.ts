import { makeKey } from '../../adapters/system/index.js';
import { SluiceError } from '../../errors.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';

/** `sluice key create`: a fresh pseudonym key, for every instance of an application. */
export const keyVerb: Verb = (program, shell) => {
  const key = program.command('key').description('look after the pseudonym key');
  const create = key
    .command('create')
    .description('make a random pseudonym key in privacy.keyFile, readable by its owner alone; never replaces one')
    .option('--out <file>', 'write it to this file instead')
    .action(async ({ out }: { readonly out?: string }) => {
      const path = out ?? settle(shell, create).config.privacy.keyFile;
      if (!(await makeKey(path))) throw new SluiceError('key-exists', { path });
      shell.say(`made ${path}: give every instance the same key, and keep a copy where secrets are kept`);
    });
  withHelp(withConfigOptions(create), {
    examples: ['sluice key create --config sluice.yaml', 'sluice key create --out pseudonym.key'],
  });
};
