import { scoreBatch, type ScoredBatch } from '../score/score.js';
import type { Stage } from '../stage.js';
import type { Aside, Closed } from './close.js';

export interface Scored {
  readonly aside: Aside;
  readonly scored: ScoredBatch;
}

export const score: Stage<Closed, Scored> = {
  name: 'score',
  does: 'the champion predicts without knowing the outcome; the prediction becomes an importance for either label',
  takes: 'samples',
  gives: 'samples',
  async run({ deps: { champion, scorer }, priorAt }, { aside, closed }) {
    const scores = await scoreBatch(closed, champion.current(), scorer, priorAt);
    return { aside, scored: { closed, ...scores } };
  },
  flow: (_, { scored: { closed } }) => ({ in: closed.rowCount, out: closed.rowCount, refused: 0 }),
};
