import { impressionIdOf } from '../events/impression-id.js';
import { goalOn, type Goals } from '../events/goals.js';
import { labelOf, outcomeOfRank, strength } from '../events/strength.js';
import type { LateInteraction } from '../events/words.js';
import type { Pseudonymiser } from '../ports/pseudonymiser.js';
import type { CleanInteraction } from './admitted.js';
import type { Match } from './join/join.js';

interface Settings {
  readonly goals: Goals;
  readonly keyed: Pseudonymiser;
}

/**
 * An interaction that came after the label of its impression was final, as it goes out.
 * @param rankWas strongest interaction of the impression before it
 * @param windowMs attribution window of the impression
 */
export function lateInteraction(
  interaction: CleanInteraction,
  { list: { shown }, index }: Match,
  rankWas: number,
  turnMs: number,
  windowMs: number,
  { goals, keyed }: Settings,
): LateInteraction {
  const goal = goalOn(goals, shown.surface);
  const outcomeWas = outcomeOfRank(rankWas);
  const outcomeWouldBe = outcomeOfRank(Math.max(rankWas, strength(interaction.type)));
  const { interactionId, publicId } = interaction;
  // Where ids of the request hold a person, ids made of it do, too: `<requestId>-click`.
  const isHidden = publicId === undefined && shown.isHidden;
  return {
    interactionId: isHidden ? keyed.pseudonym('request', interactionId) : (publicId ?? interactionId),
    eventTimeMs: interaction.eventTimeMs,
    type: interaction.type,
    sessionPseudonym: interaction.session,
    pseudonymKeyId: keyed.keyId,
    itemId: interaction.itemId,
    requestId: shown.requestId,
    sampleId: impressionIdOf(shown.requestId, shown.items[index]!),
    impressionTimeMs: shown.eventTimeMs,
    pastWindowMs: Math.max(0, interaction.eventTimeMs - shown.eventTimeMs - windowMs),
    behindWatermarkMs: Math.max(0, turnMs - interaction.eventTimeMs),
    labelWas: labelOf(outcomeWas, goal),
    labelWouldBe: labelOf(outcomeWouldBe, goal),
    outcomeWas,
    outcomeWouldBe,
  };
}
