import { declareRule } from './rule.js';

/** A stay that no human being makes. */
export const impossibleDwell = declareRule({
  bit: 1,
  countIds: { caught: 22, flagged: 26 },
  settings: {
    minMs: {
      default: 20,
      atLeast: 0,
      text: 'A shorter dwellMs is no human being; 0: only a negative one. Interactions without one pass',
    },
    maxMs: { default: 86_400_000, above: 0, text: 'A longer dwellMs is a mistake or a machine' },
  },
  deadLetter: {
    message: 'dwellMs = {dwellMs} is outside of quality.rules.impossibleDwell, {minMs} to {maxMs} ms',
    remedy:
      'Check how the producer measures it, widen the limits, or set the action to flag; then requeue the dead letter.',
  },
  details: ({ minMs, maxMs }, { dwellMs }) => ({ dwellMs: dwellMs ?? 0, minMs, maxMs }),
  remembers: [],
  isCaught: ({ dwellMs }, { minMs, maxMs }) => dwellMs !== null && (dwellMs < minMs || dwellMs > maxMs),
});
