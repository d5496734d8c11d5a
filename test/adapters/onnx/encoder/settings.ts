import { configSchema, type Config } from '../../../../src/config/schema.js';

/** The encoder section with its defaults and these changes. */
export function encoderSettings(changes: Partial<Config['encoder']> = {}): Config['encoder'] {
  return { ...configSchema.parse({}).encoder, ...changes };
}
