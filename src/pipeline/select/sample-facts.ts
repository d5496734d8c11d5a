import type { ColumnsOf } from '../../bundle/bundle.js';
import type { ClosedLayout } from '../../bundle/sample.js';

type Closed = Readonly<ColumnsOf<ClosedLayout>>;

/** What selection may look at besides importance and label: a time before the newest so far
 * counts as that; without flags there are none, without rates all are 1. */
export type SampleFacts = Pick<Closed, 'surfaces' | 'categories' | 'ranks' | 'timesMs'> &
  Partial<Pick<Closed, 'flags' | 'ratesIfNegative' | 'ratesIfPositive'>>;
