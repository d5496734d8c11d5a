import { type ErrorCode, ERRORS } from '../error-table.js';
import type { FoundDeadLetter } from './dead-letters.js';

/** What was refused for one reason: a code, at a stage, of a field. */
export interface DeadLetterKind {
  readonly code: string;
  readonly stage: string;
  /** null: the code is of no field. */
  readonly field: string | null;
  /** Letters with it. */
  readonly messages: number;
  /** Parts that were refused for it: items of lists one by one. */
  readonly refused: number;
  /** Of the letters, those whose message was requeued. */
  readonly requeued: number;
  /** When the first and last of the messages were written, epoch ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The newest letter of it. */
  readonly example: string;
  readonly reason: string;
  readonly remedy: string | null;
}

/** Counts letters by code, stage and field, most frequent first. */
export function summariseDeadLetters(found: readonly FoundDeadLetter[]): readonly DeadLetterKind[] {
  const kinds = new Map<string, { -readonly [Name in keyof DeadLetterKind]: DeadLetterKind[Name] }>();
  for (const { id, letter, isRequeued } of found) {
    const seen = new Set<string>();
    for (const { code, reason } of letter.refused) {
      const field = fieldIn(code, reason);
      const name = JSON.stringify([code, letter.stage, field]);
      const timeMs = letter.sourceTimeMs;
      const kind = kinds.get(name) ?? {
        ...{ code, stage: letter.stage, field, messages: 0, refused: 0, requeued: 0, firstMs: timeMs, lastMs: timeMs },
        ...{ example: id, reason, remedy: entryOf(code)?.remedy ?? null },
      };
      kinds.set(name, kind);
      kind.refused++;
      if (seen.has(name)) continue;
      seen.add(name);
      kind.messages++;
      if (isRequeued) kind.requeued++;
      kind.firstMs = Math.min(kind.firstMs, timeMs);
      if (timeMs < kind.lastMs) continue;
      [kind.lastMs, kind.example, kind.reason] = [timeMs, id, reason];
    }
  }
  return [...kinds.values()].sort((a, b) => b.messages - a.messages || (a.code < b.code ? -1 : 1));
}

function entryOf(code: string): { readonly message: string; readonly remedy: string } | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
}

/** The field that a reason names, read by the template it was made from. */
function fieldIn(code: string, reason: string): string | null {
  const template = entryOf(code)?.message;
  if (template === undefined || !template.includes('{field}')) return null;
  const pattern = template
    .split(/(\{\w+\})/)
    .map((part) =>
      part === '{field}' ? '(\\S+)' : /^\{\w+\}$/.test(part) ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(pattern, 's').exec(reason)?.[1] ?? null;
}
