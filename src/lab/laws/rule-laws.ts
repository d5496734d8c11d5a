import assert from 'node:assert/strict';
import type { JudgingRule } from '../../pipeline/clean/own-rules.js';
import type { Sent } from '../../own/parts.js';
import { eachItem } from './messages.js';
import type { Law } from './law.js';

const BARE: Sent = {
  interactionId: 'c1',
  eventTimeMs: 1_772_355_601_000,
  type: 'CLICK',
  sessionId: 's1',
  itemId: 'a',
};
const INTERACTIONS: Readonly<Record<string, Sent>> = {
  'a full interaction': {
    ...BARE,
    userId: 'u1',
    requestId: 'r1',
    value: 12.5,
    dwellMs: 3_000,
    context: { device: 'mobile' },
  },
  'a bare interaction': BARE,
  'an interaction of nulls': { ...BARE, userId: null, requestId: null, value: null, dwellMs: null, context: null },
};

/** What every rule of a plugin keeps, whatever it refuses. */
export function ruleLaws({ impression, interaction }: JudgingRule): readonly Law[] {
  const ofEach = (check: (judge: (...of: Sent[]) => unknown, ...of: Sent[]) => void) => (): void => {
    if (impression)
      eachItem((item, list) => {
        check((one, all) => impression(one!, all!), item, list);
      });
    for (const [what, sent] of Object.entries(interaction ? INTERACTIONS : {}))
      try {
        check((one) => interaction!(one!), structuredClone(sent));
      } catch (thrown) {
        throw new Error(`${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
      }
  };
  return [
    {
      name: 'judges full messages, bare ones and ones of nulls without throwing',
      check: ofEach((judge, ...of) => void judge(...of)),
    },
    {
      name: 'gives a reason in words, or nothing',
      check: ofEach((judge, ...of) => {
        const said = judge(...of);
        const isVerdict = said === undefined || said === null || (typeof said === 'string' && said.trim() !== '');
        assert.ok(isVerdict, `it gives ${typeof said === 'object' ? JSON.stringify(said) : String(said)}`);
      }),
    },
    {
      name: 'is a function of the message alone: twice the same',
      check: ofEach((judge, ...of) => {
        const first = judge(...structuredClone(of));
        assert.deepEqual(judge(...of), first);
      }),
    },
    {
      name: 'leaves the message as it was',
      check: ofEach((judge, ...of) => {
        const before = structuredClone(of);
        judge(...of);
        assert.deepEqual(of, before);
      }),
    },
  ];
}
