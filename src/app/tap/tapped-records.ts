import { flagsOf } from '../../events/flags.js';
import { impressionIdOf } from '../../events/impression-id.js';
import { outcomeOfRank } from '../../events/strength.js';
import type { DeadLetter, LateInteraction } from '../../events/words.js';
import type { Admitted } from '../../pipeline/admitted.js';
import type { Followed } from '../../pipeline/follow.js';
import type { Messages } from '../../pipeline/messages.js';
import { AUDIT, KEPT } from '../../pipeline/select/select.js';
import { rateOf, rateOffset } from '../../pipeline/select/sampling-rates.js';
import { join } from '../../pipeline/stages/join.js';
import { pseudonymise } from '../../pipeline/stages/pseudonymise.js';
import { select, type Selected } from '../../pipeline/stages/select.js';
import type { Tapped } from './where.js';

/**
 * What of each stage's output a tap shows. People are pseudonyms by then, and what may hold one beside an id (query,
 * context, the bytes and the reason of a dead letter) is left out.
 */
const SHOWN = {
  [pseudonymise.name]: (output) => (output as Messages<Admitted>).messages.flatMap(eventOf),
  [join.name](output) {
    const { deadLetters, late } = output as Followed;
    return [...deadLetters.map(letterOf), ...late.map(lateOf)];
  },
  [select.name]: (output) => samplesOf(output as Selected),
} satisfies Readonly<Record<string, (output: unknown) => Iterable<Tapped>>>;

/** Stages that can be tapped. */
export const TAPPED_STAGES = Object.keys(SHOWN);

/** Records of what a stage gave; nothing of one that cannot be tapped. */
export function tappedRecords(stage: string, output: unknown): Iterable<Tapped> {
  return SHOWN[stage]?.(output) ?? [];
}

function eventOf(message: Admitted): Tapped[] {
  const { input, offset } = message;
  if (message.kind === 'rejected') return message.deadLetters.map(letterOf);
  if (message.kind === 'list') {
    const { publicId, requestId, eventTimeMs, surface, session, user, items } = message.list;
    const [sessionPseudonym, userPseudonym] = [session, user];
    const ids = items.map(({ itemId }) => itemId);
    const of = { kind: 'list', input, offset, requestId: publicId ?? requestId, eventTimeMs, surface };
    return [{ ...of, sessionPseudonym, userPseudonym, itemCount: ids.length, itemIds: ids }];
  }
  const { publicId, interactionId, eventTimeMs, type, session, user, itemId, value, dwellMs } = message.interaction;
  const of = { kind: 'interaction', input, offset, interactionId: publicId ?? interactionId, eventTimeMs, type };
  return [{ ...of, sessionPseudonym: session, userPseudonym: user, itemId, value, dwellMs }];
}

function letterOf({ code, stage, sourceTopic, sourcePartition, sourceOffset, refusedCount }: DeadLetter): Tapped {
  return { kind: 'dead-letter', code, stage, sourceTopic, sourcePartition, sourceOffset, refusedCount };
}

function lateOf(interaction: LateInteraction): Tapped {
  return { kind: 'late', ...interaction };
}

/** Every sample that was decided on, dropped ones too. */
function* samplesOf({ scored, selected }: Selected): Generator<Tapped> {
  const { closed, prediction, scorer, snapshotVersion } = scored;
  for (let i = 0; i < closed.rowCount; i++) {
    const { shown } = closed.lists[i]!;
    const item = shown.items[closed.places[i]!]!;
    const fate = selected.fates[i];
    const inclusionProbability = selected.inclusionProbabilities[i]! * rateOf(closed, closed.labels[i]!, i);
    yield {
      kind: 'sample',
      sampleId: impressionIdOf(shown.requestId, item),
      fate: fate === KEPT ? 'kept' : fate === AUDIT ? 'audit' : 'dropped',
      surface: shown.surface,
      eventTimeMs: shown.eventTimeMs,
      sessionPseudonym: shown.session,
      itemId: item.itemId,
      position: item.position,
      category: item.category,
      label: closed.labels[i]!,
      outcome: outcomeOfRank(closed.ranks[i]!),
      value: closed.values[i]!,
      prediction: prediction ? prediction.probability[i]! : null,
      scorer,
      importance: selected.importances[i]!,
      inclusionProbability,
      importanceWeight: 1 / inclusionProbability,
      logOddsOffset: selected.logOddsOffsets[i]! + rateOffset(closed, i),
      snapshotVersion,
      flags: flagsOf(closed.flags[i]!).join(','),
    };
  }
}
