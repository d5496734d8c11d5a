import type { Pseudonymiser } from '../../ports/pseudonymiser.js';

/**
 * The sample ids that may stand for an impression id as it was sent: itself, and what it goes out as where it is hidden whole
 * (`req-81#3` given by its producer) or in its request (`req-81` and position 3).
 */
export function publicIdsOf(sentId: string, keyed: Pick<Pseudonymiser, 'pseudonym'>): readonly string[] {
  const hidden = (id: string): string => keyed.pseudonym('request', id);
  const hash = sentId.lastIndexOf('#');
  const ofRequest = hash < 1 ? [] : [`${hidden(sentId.slice(0, hash))}${sentId.slice(hash)}`];
  return [sentId, hidden(sentId), ...ofRequest];
}
