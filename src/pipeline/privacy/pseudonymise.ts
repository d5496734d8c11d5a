import type { Config } from '../../config/schema.js';
import type { Pseudonymiser } from '../../ports/pseudonymiser.js';
import type { CleanInteraction, CleanItem, CleanList } from '../admitted.js';

/** How people are hidden. */
export interface Privacy {
  readonly keyed: Pseudonymiser;
  readonly requestIds: Config['privacy']['requestIds'];
}

/** Fewest characters of an identifier that is looked for in another one: a shorter one occurs by chance. */
const LEAST_CHARACTERS = 4;

/** True when an id has another identifier in it. */
export function contains(id: string, identifier: string | null): boolean {
  return identifier !== null && identifier.length >= LEAST_CHARACTERS && id.includes(identifier);
}

/**
 * Replaces the raw session and user of a list by their pseudonyms. Request and impression ids stay, since interactions find
 * their impressions by them, and get a public form beside them where they may not go out: each that contains session or
 * user, or every one under `requestIds: pseudonymous`.
 */
export function pseudonymiseList(list: CleanList, { keyed, requestIds }: Privacy): CleanList {
  const { session, user, requestId } = list;
  const namesPerson = (id: string): boolean => contains(id, session) || contains(id, user);
  const isAll = requestIds === 'pseudonymous';
  let isCaught = namesPerson(requestId);
  const isRequestHidden = isAll || isCaught;
  let items: CleanItem[] | undefined;
  for (let i = 0; i < list.items.length; i++) {
    const item = list.items[i]!;
    if (item.impressionId === null) continue;
    const isItemCaught = namesPerson(item.impressionId);
    isCaught ||= isItemCaught;
    if (!isAll && !isItemCaught) continue;
    items ??= [...list.items];
    items[i] = { ...item, publicId: keyed.pseudonym('request', item.impressionId) };
  }
  return {
    ...withoutPeople(list, keyed),
    ...(items ? { items } : {}),
    ...(isRequestHidden ? { publicId: keyed.pseudonym('request', requestId) } : {}),
    ...(isCaught ? { namesPerson: true } : {}),
  };
}

/** The same of an interaction, whose own id is the only one of its that goes out. */
export function pseudonymiseInteraction(
  interaction: CleanInteraction,
  { keyed, requestIds }: Privacy,
): CleanInteraction {
  const { session, user, interactionId } = interaction;
  const isCaught = contains(interactionId, session) || contains(interactionId, user);
  return {
    ...withoutPeople(interaction, keyed),
    ...(isCaught || requestIds === 'pseudonymous' ? { publicId: keyed.pseudonym('request', interactionId) } : {}),
    ...(isCaught ? { namesPerson: true } : {}),
  };
}

function withoutPeople<T extends { readonly session: string; readonly user: string | null }>(
  event: T,
  keyed: Pseudonymiser,
): T {
  return {
    ...event,
    session: keyed.pseudonym('session', event.session),
    user: event.user === null ? null : keyed.pseudonym('user', event.user),
  };
}
