import { messageOf, SluiceError } from '../../errors.js';

/** What a connected lint looks at, in order. */
export type Subject = 'brokers' | 'topics' | 'rights' | 'store' | 'registry' | 'key' | 'files' | 'clock';

/** One thing that was looked at. */
export interface Finding {
  readonly about: Subject;
  /** `ok`; `problem`: a start would fail or go wrong; `unknown`: nobody tells. */
  readonly verdict: 'ok' | 'problem' | 'unknown';
  readonly what: string;
  /** What to do; null where all is well. */
  readonly remedy: string | null;
  /** True when it may be well a moment later: somebody outside does not answer. */
  readonly mayPass: boolean;
}

export function fine(about: Subject, what: string): Finding {
  return { about, verdict: 'ok', what, remedy: null, mayPass: false };
}

export function unknown(about: Subject, what: string, remedy: string | null = null): Finding {
  return { about, verdict: 'unknown', what, remedy, mayPass: false };
}

export function problem(about: Subject, what: string, remedy: string): Finding {
  return { about, verdict: 'problem', what, remedy, mayPass: false };
}

/** A problem in the words of the error table. @param before what was looked at */
export function thrownProblem(about: Subject, before: string, thrown: unknown): Finding {
  if (!(thrown instanceof SluiceError)) return problem(about, `${before}: ${messageOf(thrown)}`, 'See the message.');
  const { reason, remedy } = thrown;
  return { about, verdict: 'problem', what: `${before}: ${reason}`, remedy, mayPass: thrown.class === 'transient' };
}
