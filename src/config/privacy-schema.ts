import { z } from 'zod';
import { environmentVariable } from './units.js';

export const privacy = z.strictObject({
  keyEnv: environmentVariable
    .default('SLUICE_PSEUDONYM_KEY')
    .describe(
      'Environment variable that holds the HMAC key of the pseudonyms (at least 16 bytes); if it is set, keyFile is not read.',
    ),
  keyFile: z
    .string()
    .default('.sluice/pseudonym.key')
    .describe(
      'File with the HMAC key. On the embedded store one is made where it is absent, mode 0600; on Kafka, where every instance needs the same key, a missing one is an error (`sluice key create` makes one).',
    ),
  replaces: z
    .string()
    .regex(/^([0-9a-f]{8})?$/, 'is the id of a key: 8 hex characters, as `sluice key rotate` prints it')
    .default('')
    .describe(
      'Id of the pseudonym key that the one given takes the place of, as `sluice key rotate` prints it: a start that finds that one goes on under the new one, where any other is refused (`key-changed`). Empty: none.',
    ),
  scope: z
    .enum(['shared', 'application'])
    .default('shared')
    .describe(
      '`shared`: applications with the same key give a person the same pseudonym, so that their outputs can be joined; `application`: they differ.',
    ),
  maskTexts: z
    .boolean()
    .default(true)
    .describe(
      'Mask e-mail addresses, phone and card numbers in the texts that samples carry (output.carry) as `[email]`, `[phone]`, `[card]`.',
    ),
  requestIds: z
    .enum(['as-sent', 'pseudonymous'])
    .default('as-sent')
    .describe(
      'How request, impression and interaction ids go out. `as-sent`: as they came, so that samples join your own logs, but one that contains its session or user id (of 4 characters or more) is a pseudonym. `pseudonymous`: all are.',
    ),
});
