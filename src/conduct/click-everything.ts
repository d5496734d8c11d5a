import { declareRule } from './rule.js';

/** A session that acts on more of what it is shown than people do. An act is weighed by the share before it. */
export const clickEverything = declareRule({
  bit: 2,
  countIds: { caught: 23, flagged: 27 },
  settings: {
    minShown: {
      default: 30,
      isInteger: true,
      above: 0,
      text: 'Impressions a session must have been shown before its clicks are weighed',
    },
    maxShare: { default: 0.5, atLeast: 0, atMost: 1, text: 'Share of its impressions that a session may click' },
  },
  deadLetter: {
    message: 'its session clicked more than {share} of the impressions it was shown, at least {shown} of them',
    remedy:
      'Raise quality.rules.clickEverything.maxShare if people do that here, or set the action to flag; then requeue the dead letter.',
  },
  details: ({ maxShare, minShown }) => ({ share: maxShare, shown: minShown }),
  remembers: ['shown', 'clicked'],
  onShown(numbers, session, impressionCount) {
    numbers.column('shown')[session]! += impressionCount;
  },
  onFirstAct(numbers, session) {
    numbers.column('clicked')[session]! += 1;
  },
  isUnder(numbers, session, { minShown, maxShare }) {
    const shown = numbers.column('shown')[session]!;
    return shown >= minShown && numbers.column('clicked')[session]! > maxShare * shown;
  },
});
