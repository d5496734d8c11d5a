import { flagsOf } from '../../events/flags.js';
import { CORRECTS, correctionHeader, type Correction } from '../../events/correction.js';
import type { Fold } from '../../events/fold.js';
import { impressionIdOf } from '../../events/impression-id.js';
import { SAMPLE_PLACE } from '../../events/sample-place.js';
import { outcomeOfRank } from '../../events/strength.js';
import type { DeadLetter, LateInteraction, TrainingSample } from '../../events/words.js';
import type { Codec } from '../../ports/codec.js';
import type { Headers, NewRecord } from '../../ports/transport.js';
import { namedVectors } from '../join/list-extras.js';
import type { ScoredBatch } from '../score/score.js';
import { rateOf, rateOffset } from '../select/sampling-rates.js';
import { DROPPED, KEPT, type SelectionColumns } from '../select/select.js';
import { deadLetterToRecord } from './dead-letter-record.js';

/** What turns results into records. */
export interface Routes {
  readonly training: Codec<TrainingSample>;
  readonly audit: Codec<TrainingSample>;
  readonly late: Codec<LateInteraction>;
  /** Names the application, on the records of the learner's pool. */
  readonly application: string;
  readonly featureSetId: string;
  /** The half of a session, by its pseudonym. */
  readonly foldOf: (session: string) => Fold;
  readonly pseudonymKeyId: string;
  /** True when the text vectors of query and item go on every sample. */
  readonly embeddings: boolean;
  /** Bytes that a record of the dead-letters topic may have; default: any number. */
  readonly deadLetterBytes?: number;
  /** Headers of every row: what wrote it. */
  readonly headers: Headers;
  /** Further ones of a dead letter, of which there is no codec. */
  readonly deadLetterHeaders: Headers;
}

/**
 * Makes a record of every kept and audit sample.
 * @param selectionId names the settings that they were selected under
 * @param nextPlace gives the header of the next kept sample: see `placeHeader`
 */
export function routeSamples(
  scored: ScoredBatch,
  selected: SelectionColumns,
  routes: Routes,
  selectionId: string,
  nextPlace: () => string,
): NewRecord[] {
  const records: NewRecord[] = [];
  const headers = {
    training: { ...routes.headers, ...routes.training.headers?.() },
    audit: { ...routes.headers, ...routes.audit.headers?.() },
  };
  for (let i = 0; i < scored.closed.rowCount; i++) {
    const fate = selected.fates[i]!;
    if (fate === DROPPED) continue;
    const sample = sampleOf(scored, selected, i, routes, selectionId);
    const role = fate === KEPT ? 'training' : 'audit';
    records.push({
      topic: role,
      key: utf8.encode(sample.sessionPseudonym),
      value: routes[role].encode(sample),
      headers: role === 'training' ? { ...headers.training, [SAMPLE_PLACE]: nextPlace() } : headers.audit,
    });
  }
  return records;
}

/**
 * Makes records of dead letters and late interactions.
 * @param correctionOf which sample a late interaction makes positive, where its record is to say so
 */
export function routeAside(
  deadLetters: readonly DeadLetter[],
  late: readonly LateInteraction[],
  routes: Routes,
  correctionOf: (late: LateInteraction) => Correction | undefined = () => undefined,
): NewRecord[] {
  const ofLetters = { ...routes.headers, ...routes.deadLetterHeaders };
  const ofLate = { ...routes.headers, ...routes.late.headers?.() };
  return [
    ...deadLetters.map((letter): NewRecord => ({
      topic: 'dead-letters',
      ...deadLetterToRecord(letter, routes.deadLetterBytes, ofLetters),
    })),
    ...late.map((interaction): NewRecord => {
      const correction = correctionOf(interaction);
      return {
        topic: 'late',
        key: utf8.encode(interaction.sessionPseudonym),
        value: routes.late.encode(interaction),
        headers: correction ? { ...ofLate, [CORRECTS]: correctionHeader(correction) } : ofLate,
      };
    }),
  ];
}

const utf8 = new TextEncoder();

function sampleOf(
  scored: ScoredBatch,
  selected: SelectionColumns,
  i: number,
  routes: Routes,
  selectionId: string,
): TrainingSample {
  const { closed, prediction } = scored;
  const { columnCount } = closed;
  const { shown, windowMs, extras } = closed.lists[i]!;
  const place = closed.places[i]!;
  const item = shown.items[place]!;
  const samplingRate = rateOf(closed, closed.labels[i]!, i);
  const inclusionProbability = selected.inclusionProbabilities[i]! * samplingRate;
  return {
    sampleId: impressionIdOf(shown.requestId, item),
    requestId: shown.requestId,
    surface: shown.surface,
    eventTimeMs: shown.eventTimeMs,
    closeTimeMs: shown.eventTimeMs + windowMs,
    sessionPseudonym: shown.session,
    userPseudonym: shown.user,
    pseudonymKeyId: routes.pseudonymKeyId,
    itemId: item.itemId,
    position: item.position,
    category: item.category,
    label: closed.labels[i] === 1 ? 1 : 0,
    outcome: outcomeOfRank(closed.ranks[i]!),
    value: closed.values[i]!,
    propensity: item.propensity,
    features: closed.rows.subarray(i * columnCount, (i + 1) * columnCount),
    featureSetId: routes.featureSetId,
    embeddings: routes.embeddings ? namedVectors(extras?.vectors, place) : null,
    prediction: prediction ? prediction.probability[i]! : null,
    importance: selected.importances[i]!,
    scorer: scored.scorer,
    inclusionProbability,
    importanceWeight: 1 / inclusionProbability,
    logOddsOffset: selected.logOddsOffsets[i]! + rateOffset(closed, i),
    snapshotVersion: scored.snapshotVersion,
    flags: flagsOf(closed.flags[i]!),
    fold: routes.foldOf(shown.session),
    selectionId,
    ...(extras?.carried ? { carried: extras.carried[place] ?? null } : {}),
    ...(samplingRate === 1 ? {} : { samplingRate }),
    ...(extras?.history ? { history: extras.history.words } : {}),
  };
}
