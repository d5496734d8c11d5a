import { SluiceError, type ErrorCode } from '../../errors.js';

/** Why a message or an item of it was refused; becomes a dead letter of stage `clean`. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly reason: string;
}

export function refuse(code: ErrorCode, details: Readonly<Record<string, string | number>>): Refusal {
  return { code, reason: new SluiceError(code, details).message };
}

/** True for a refusal, as opposed to a cleaned thing. */
export function isRefusal(verdict: object): verdict is Refusal {
  return 'code' in verdict && 'reason' in verdict;
}

/** A value as an error message may show it: short, printable, and never a whole payload. */
export function shown(value: unknown): string {
  // String(value) would follow a nesting of any depth, and throw where a producer sent a field named toString.
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
