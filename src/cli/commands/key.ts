import { Option } from 'commander';
import { makeKey } from '../../adapters/system/index.js';
import { SluiceError } from '../../errors.js';
import { IDENTIFIER_KINDS, type IdentifierKind } from '../../ports/pseudonymiser.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';

interface PseudonymFlags {
  readonly kind: IdentifierKind;
  readonly format: 'text' | 'json';
}

/** `sluice key`: makes a pseudonym key, and tells what an id of one's own logs goes out as under it. */
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

  const rotate = key
    .command('rotate')
    .description('make the key that takes the place of the present one, and say what to start with')
    .option('--out <file>', 'write it to this file; default: privacy.keyFile with .new behind it')
    .action(async ({ out }: { readonly out?: string }) => {
      const { config, logger } = settle(shell, rotate);
      const { openPseudonymiser } = await import('../../app/wire.js');
      const { keyId } = await openPseudonymiser(config, { logger, mayMake: false });
      const path = out ?? `${config.privacy.keyFile}.new`;
      if (!(await makeKey(path))) throw new SluiceError('key-exists', { path });
      const { keyEnv } = config.privacy;
      const isInVariable = Boolean(process.env[keyEnv]);
      shell.say(`made ${path}; nothing has changed yet`);
      shell.say('stop every instance, then start all of them with the new key and with the id of the one it replaces:');
      if (isInVariable) shell.say(`${keyEnv} = the text of ${path}`);
      const keyFile = isInVariable ? '' : `  keyFile: ${JSON.stringify(path)}\n`;
      await shell.out(`privacy:\n${keyFile}  replaces: '${keyId}'\n`);
    });
  withHelp(withConfigOptions(rotate), {
    examples: ['sluice key rotate --config sluice.yaml', 'sluice key rotate --out new.key --config sluice.yaml'],
  });

  const pseudonym = key
    .command('pseudonym')
    .description('print the pseudonyms of ids from your own logs, one a line')
    .argument('<id...>', 'ids as they were sent; for a sample without an impression id, its request id')
    .addOption(
      new Option('--kind <kind>', 'what the ids are of; request also stands for impressions and interactions')
        .choices(IDENTIFIER_KINDS)
        .default('request'),
    )
    .addOption(new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'))
    .action(async (ids: readonly string[], { kind, format }: PseudonymFlags) => {
      const { config, logger } = settle(shell, pseudonym);
      const { openPseudonymiser } = await import('../../app/wire.js');
      const keyed = await openPseudonymiser(config, { logger, mayMake: false });
      const lines = ids.map((id) => {
        const hidden = keyed.pseudonym(kind, id);
        return format === 'json' ? JSON.stringify({ id, pseudonym: hidden }) : hidden;
      });
      await shell.out(`${lines.join('\n')}\n`);
    });
  withHelp(withConfigOptions(pseudonym), {
    examples: [
      "sluice key pseudonym 'anna@example.com/17' --config sluice.yaml",
      "xargs -a request-ids.txt -d '\\n' sluice key pseudonym --config sluice.yaml",
    ],
  });
};
