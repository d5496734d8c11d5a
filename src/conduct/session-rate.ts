import { declareRule } from './rule.js';

/** A session that acts more often than people do: in the window that ends with the act, counted as if it slid. */
export const sessionRate = declareRule({
  bit: 0,
  countIds: { caught: 21, flagged: 25 },
  settings: {
    maxPerWindow: {
      default: 60,
      isInteger: true,
      above: 0,
      text: 'Clicks and stronger interactions of one session in one window',
    },
    windowMs: { default: 60_000, isInteger: true, atLeast: 1, text: 'Length of the window, event time' },
  },
  deadLetter: {
    message:
      'its session clicked more than quality.rules.sessionRate.maxPerWindow = {limit} times within {windowMs} ms',
    remedy: 'Raise the limit if people do that here, or set the action to flag; then requeue the dead letter.',
  },
  details: ({ maxPerWindow, windowMs }) => ({ limit: maxPerWindow, windowMs }),
  remembers: ['windowStartMs', 'acts', 'previousActs'],
  // Those of the present fixed window, and of the one before it the share that is still within reach (as if they were
  // spread evenly over it).
  onAct(numbers, session, turnMs, { windowMs, maxPerWindow }) {
    const startMs = numbers.column('windowStartMs');
    const acts = numbers.column('acts');
    const previous = numbers.column('previousActs');
    const passed = startMs[session] === 0 ? 2 : Math.floor((turnMs - startMs[session]!) / windowMs);
    if (passed >= 1) {
      previous[session] = passed === 1 ? acts[session]! : 0;
      acts[session] = 0;
      startMs[session] = passed === 1 ? startMs[session]! + windowMs : turnMs;
    }
    acts[session]! += 1;
    return acts[session]! + previous[session]! * (1 - (turnMs - startMs[session]!) / windowMs) > maxPerWindow;
  },
});
