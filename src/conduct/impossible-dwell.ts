import { declareRule } from './rule.js';

/** A stay that no human being makes. */
export const impossibleDwell = declareRule({
  bit: 1,
  countIds: { caught: 22, flagged: 26 },
  settings: {
    minMs: {
      default: 20,
      atLeast: 0,
      text: 'Shortest dwellMs of a person; at 0 only negative ones are caught. Interactions without dwellMs pass',
    },
    maxMs: { default: 86_400_000, above: 0, text: 'Longest dwellMs of a person' },
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
