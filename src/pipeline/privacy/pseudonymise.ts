import type { Pseudonymiser } from '../../ports/pseudonymiser.js';

/** Replaces the raw session and user by their pseudonyms. Nothing downstream ever sees the raw ones. */
export function pseudonymise<T extends { readonly session: string; readonly user: string | null }>(
  event: T,
  keyed: Pseudonymiser,
): T {
  return {
    ...event,
    session: keyed.pseudonym('session', event.session),
    user: event.user === null ? null : keyed.pseudonym('user', event.user),
  };
}
