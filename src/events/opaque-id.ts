import { createHash } from 'node:crypto';

/**
 * An id made of parts that may name a person and does not show them: 96 bits of their SHA-256, hex. The same parts give the
 * same id. For importers and simulators: outputs carry request ids as they are, so none may hold a session or user.
 */
export function opaqueId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 24);
}
