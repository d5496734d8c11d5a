import { ERRORS, SluiceError, type ErrorCode } from '../../errors.js';
import type { Warned } from './warnings.js';

/** Main thread → worker: one request. A worker has at most one at a time. */
export interface Ask<Request> {
  readonly askId: number;
  readonly request: Request;
}

/**
 * Worker → main thread. `ready` or `unstartable` comes once and first; then one `done` or `failed` per {@link Ask}. A warning
 * may come at any time.
 */
export type Answer<Response> =
  | Warned
  | { readonly kind: 'ready' }
  | { readonly kind: 'unstartable'; readonly error: ErrorImage }
  | { readonly kind: 'done'; readonly askId: number; readonly response: Response }
  | { readonly kind: 'failed'; readonly askId: number; readonly error: ErrorImage };

/** An error as it crosses threads: structured cloning keeps neither the class nor the code of a {@link SluiceError}. */
export interface ErrorImage {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: ErrorCode | undefined;
  readonly details: Readonly<Record<string, string | number>>;
}

/** Turns anything thrown into what can be posted. */
export function imageOf(thrown: unknown): ErrorImage {
  if (thrown instanceof SluiceError) {
    return {
      name: thrown.name,
      message: thrown.message,
      stack: thrown.stack,
      code: thrown.code,
      details: thrown.details,
    };
  }
  if (thrown instanceof Error) {
    return { name: thrown.name, message: thrown.message, stack: thrown.stack, code: undefined, details: {} };
  }
  return { name: 'Error', message: String(thrown), stack: undefined, code: undefined, details: {} };
}

/** A mistake of ours is told from other failures by its class. */
const BUILT_IN: Readonly<Record<string, ErrorConstructor>> = { TypeError, ReferenceError, RangeError, SyntaxError };

/** Rebuilds the error: a {@link SluiceError} with its code and details when it was one, with the worker's stack. */
export function errorOf(image: ErrorImage): Error {
  const error =
    image.code !== undefined && image.code in ERRORS
      ? new SluiceError(image.code, image.details)
      : Object.assign(new (BUILT_IN[image.name] ?? Error)(image.message), { name: image.name });
  if (image.stack !== undefined) error.stack = image.stack;
  return error;
}
