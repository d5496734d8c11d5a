import { createHash } from 'node:crypto';

/**
 * The key of a text's vector in a store: encoder and the first 128 bits of SHA-256 of its UTF-8, 32 hex digits. Short
 * whatever the text's length, and different for every encoder.
 */
export function vectorKey(encoderId: string, text: string): string {
  return `${encoderId}/${createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32)}`;
}
