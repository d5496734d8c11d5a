import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a change is judged by what it changes. Other cases:
 * `FAST_CHECK_SEED=random npm test`, or the seed of a failure in place of `random`.
 */
const asked = process.env['FAST_CHECK_SEED'] ?? '20260101';
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) });
