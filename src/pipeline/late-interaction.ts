import { impressionIdOf } from '../events/impression-id.js';
import { goalOn, type Goals } from '../events/goals.js';
import { labelOf, outcomeOfRank, strength } from '../events/strength.js';
import type { LateInteraction } from '../events/words.js';
import type { Pseudonymiser } from '../ports/pseudonymiser.js';
import type { CleanInteraction } from './admitted.js';
import type { Attachment, Join, Match } from './join/join.js';
import type { Counts } from './progress/counts.js';
import type { Key } from './state/keys.js';

/** A late interaction that makes the label of its sample 1, and what its record says beside itself. */
export interface LatePositive {
  readonly of: LateInteraction;
  readonly sampleKey: Key;
  /** Samples whose outcome was final at its turn and that were not written yet. */
  readonly closedBefore: number;
}

/**
 * The late positive that a late interaction is, counted by how long after the close it was done; none where it changes no
 * label, or that of no sample.
 */
export function latePositivesOf(
  of: LateInteraction,
  { match: { sequence }, firstAtGoal }: Attachment,
  join: Join,
  counts: Counts,
): readonly LatePositive[] {
  const lane = join.laneOf(sequence);
  if (!firstAtGoal || of.labelWas === 1 || of.labelWouldBe === 0 || lane.isUnexamined(sequence)) return [];
  const [within] = DELAYS.find(([, hours]) => of.pastWindowMs < hours * HOUR_MS)!;
  counts[`latePositives${within}`]++;
  return [{ of, sampleKey: lane.columns.sampleKeys[lane.slot(sequence)]!, closedBefore: join.closedSampleCount }];
}

const HOUR_MS = 3_600_000;
const DELAYS = [
  ['Hour', 1],
  ['SixHours', 6],
  ['Day', 24],
  ['Later', Infinity],
] as const;

interface Settings {
  readonly goals: Goals;
  readonly keyed: Pseudonymiser;
}

/**
 * An interaction that came after the label of its impression was final, as it goes out.
 */
export function lateInteraction(
  interaction: CleanInteraction,
  { sequence, list: { shown }, index }: Match,
  join: Join,
  turnMs: number,
  { goals, keyed }: Settings,
): LateInteraction {
  const lane = join.laneOf(sequence);
  const rankWas = lane.columns.ranks[lane.slot(sequence)]!;
  const windowMs = join.windowMs(sequence);
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
