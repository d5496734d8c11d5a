/** Who Sluice is and whom it trusts, the same for the brokers and for the schema registry. No secret stands in a config. */
import { z } from 'zod';
import { environmentVariable } from './units.js';

const variable = (holds: string) =>
  environmentVariable.optional().describe(`Environment variable that holds ${holds}, in place of the file.`);
const file = (holds: string) => z.string().optional().describe(`File with ${holds}, read again for each connection.`);

/** Certificates for TLS. */
export const certificates = z.strictObject({
  caFile: file('the certificates (PEM) of the authorities to trust, in place of those of the system'),
  caEnv: variable('these certificates'),
  certFile: file('the client certificate (PEM), and the chain to its authority behind it'),
  certEnv: variable('the client certificate'),
  keyFile: file('the key (PEM) of the client certificate'),
  keyEnv: variable('the key'),
  keyPasswordEnv: environmentVariable
    .optional()
    .describe('Environment variable that holds the password of an encrypted key.'),
  serverName: z
    .string()
    .optional()
    .describe('Name that the certificate of the server must be for, where it is not the one in its address.'),
});

/** Where tokens come from: an OpenID Connect provider, or a command. */
export const oauth = z.strictObject({
  url: z
    .string()
    .optional()
    .describe('Token endpoint of an OpenID Connect provider, asked for a token by client credentials.'),
  clientId: z.string().optional().describe('Client id at the token endpoint.'),
  clientSecretEnv: environmentVariable
    .optional()
    .describe('Environment variable that holds the client secret; it never stands in the file.'),
  clientSecretFile: file('the client secret, in place of the variable'),
  scope: z.string().optional().describe('Scope to ask for.'),
  audience: z.string().optional().describe('Audience to ask for, where the provider wants one.'),
  caFile: file('the certificates (PEM) of the authorities to trust at the token endpoint'),
  command: z
    .array(z.string())
    .optional()
    .describe(
      'Program and arguments that print a token, in place of the endpoint: the way for the tokens of a cloud. It runs without a shell, whenever the last token is about to expire.',
    ),
});
