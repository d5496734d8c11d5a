import type { CleanList } from '../admitted.js';
import { AT, COLUMNS } from './columns.js';
import type { FeatureState } from './feature-state.js';
import type { ListFacts } from './list-facts.js';

const WIDTH = COLUMNS.length;

/** Writes what the session did so far: with this item, last, and above it in the list. */
export function writeSession(
  list: CleanList,
  facts: ListFacts,
  state: FeatureState,
  nowMs: number,
  rows: Float32Array,
): void {
  const { sessions, sessionItems } = state;
  const session = facts.sessionEntry;
  const startMs = sessions.column('startMs')[session]!;
  const steps = sessions.column('steps')[session]!;
  const lists = sessions.column('lists')[session]!;
  const clicks = sessions.column('clicks')[session]!;
  const lastItem = sessions.column('lastItem')[session]!;
  const lastActedMs = sessions.column('lastActedMs')[session]!;
  const lastClickPosition = sessions.column('lastClickPosition')[session]!;
  const ageSeconds = startMs > 0 ? Math.max(0, nowMs - startMs) / 1000 : 0;
  const idleSeconds = lastActedMs > 0 ? Math.max(0, nowMs - lastActedMs) / 1000 : NaN;
  const shown = sessionItems.column('shown');
  const acted = sessionItems.column('acted');
  const clicked = sessionItems.column('clicked');
  const actedMs = sessionItems.column('lastActedMs');
  const shownMs = sessionItems.column('lastShownMs');

  let lastItemPosition = NaN;
  let actedTotal = 0;
  if (steps > 0) {
    for (let i = 0; i < list.items.length; i++) {
      actedTotal += acted[facts.sessionItemEntries[i]!]!;
      if (facts.itemKeys[i] === lastItem) lastItemPosition = list.items[i]!.position;
    }
  }
  let actedAbove = 0;
  for (let i = 0, at = 0; i < list.items.length; i++, at += WIDTH) {
    const entry = facts.sessionItemEntries[i]!;
    const { position } = list.items[i]!;
    rows[at + AT.sessionSteps] = steps;
    rows[at + AT.sessionLists] = lists;
    rows[at + AT.sessionClicks] = clicks;
    rows[at + AT.sessionAgeSeconds] = ageSeconds;
    rows[at + AT.sessionIdleSeconds] = idleSeconds;
    rows[at + AT.sessionItemActed] = acted[entry]!;
    rows[at + AT.sessionItemShown] = shown[entry]!;
    rows[at + AT.sessionItemClicked] = clicked[entry]!;
    rows[at + AT.sessionItemIdleSeconds] = actedMs[entry]! > 0 ? Math.max(0, nowMs - actedMs[entry]!) / 1000 : NaN;
    rows[at + AT.sessionItemIdleGap] = actedMs[entry]! > 0 ? Math.max(0, lastActedMs - actedMs[entry]!) / 1000 : NaN;
    rows[at + AT.sessionItemShownAgo] = shownMs[entry]! > 0 ? Math.max(0, nowMs - shownMs[entry]!) / 1000 : NaN;
    rows[at + AT.sessionActedShare] = actedTotal > 0 ? acted[entry]! / actedTotal : NaN;
    rows[at + AT.isLastItem] = steps > 0 && facts.itemKeys[i] === lastItem ? 1 : 0;
    rows[at + AT.lastItemOffset] = position - lastItemPosition;
    rows[at + AT.lastClickOffset] = lastClickPosition > 0 ? position - lastClickPosition : NaN;
    rows[at + AT.actedAbove] = actedAbove;
    if (acted[entry]! > 0) actedAbove++;
  }
}
