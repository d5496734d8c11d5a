import { InvalidArgumentError } from 'commander';
import { parseIsoMs } from '../events/iso-time.js';

/** Reads a flag as an integer of at least 1; `100_000` and `1e6` too. */
export function positiveInteger(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('Expected an integer of at least 1.');
  return value;
}

/** Reads a flag as an integer of at least 0; `100_000` and `1e6` too. */
export function wholeNumber(text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('Expected an integer of at least 0.');
  }
  return value;
}

/** Reads a flag as a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < Infinity))
    throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

/** Reads a flag as a share, 0 to 1. */
export function fractionOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return value;
}

/** A count with its word: `1 error`, `2 errors`. @param plural where an s does not make it */
export function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? word : plural}`;
}

/** Reads a flag as a time: ISO 8601, or epoch milliseconds. */
export function timeOf(text: string): number {
  const timeMs = /^\d{12,14}$/.test(text) ? Number(text) : parseIsoMs(text);
  if (timeMs === undefined) throw new InvalidArgumentError('Expected a time like 2026-03-01T09:00Z.');
  return timeMs;
}
