import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPseudonymiser } from '../../../src/adapters/hmac/index.js';
import { pseudonymiseInteraction, pseudonymiseList, type Privacy } from '../../../src/pipeline/privacy/pseudonymise.js';
import { publicIdsOf } from '../../../src/pipeline/privacy/public-ids.js';
import { cleanInteraction, cleanItem, cleanList, T0 } from '../kit.js';

const keyed = createPseudonymiser(new Uint8Array(32).fill(7));
const asSent: Privacy = { keyed, requestIds: 'as-sent' };
const pseudonymous: Privacy = { keyed, requestIds: 'pseudonymous' };
const hidden = (id: string): string => keyed.pseudonym('request', id);

/** A list as it would go out: request id, impression ids, and whether it was caught. */
function outOf(requestId: string, ids: readonly (string | null)[], people: object, privacy = asSent) {
  const items = ids.map((impressionId, index) => cleanItem('i', index + 1, { impressionId }));
  const list = pseudonymiseList(cleanList(requestId, T0, items, people), privacy);
  return [
    list.publicId ?? list.requestId,
    list.items.map((item) => item.publicId ?? item.impressionId),
    list.namesPerson === true,
  ];
}

describe('ids of requests', () => {
  it('go out as they were sent, and interactions find them so', () => {
    const list = pseudonymiseList(cleanList('req-81', T0, ['a'], { session: 'abcd', user: 'efgh' }), asSent);
    expect(list).toEqual({
      ...cleanList('req-81', T0, ['a']),
      session: keyed.pseudonym('session', 'abcd'),
      user: keyed.pseudonym('user', 'efgh'),
    });
  });

  it('that contain the session or the user are hidden whole; a person of fewer than 4 characters is not looked for', () => {
    const people = { session: 'abcd', user: 'anna@x.org' };
    expect(outOf('abcd', [null], people)).toEqual([hidden('abcd'), [null], true]);
    expect(outOf('x-abcd-1', ['7', null], people)).toEqual([hidden('x-abcd-1'), ['7', null], true]);
    expect(outOf('r/anna@x.org', [null], people)).toEqual([hidden('r/anna@x.org'), [null], true]);
    expect(outOf('r1', ['7', 'abcd:2'], people)).toEqual(['r1', ['7', hidden('abcd:2')], true]);
    expect(outOf('abc-1', ['abc', null], { session: 'abc', user: null })).toEqual(['abc-1', ['abc', null], false]);
  });

  it('are all hidden on request, and still counted where they hold a person', () => {
    const people = { session: 'abcd', user: null };
    expect(outOf('r1', ['7', null], people, pseudonymous)).toEqual([hidden('r1'), [hidden('7'), null], false]);
    expect(outOf('abcd1', [null], people, pseudonymous)).toEqual([hidden('abcd1'), [null], true]);
  });

  it('and of interactions alike: the id of its own is the one that goes out', () => {
    const click = cleanInteraction('CLICK', T0, 'i', { interactionId: 'abcd-7', session: 'abcd', requestId: 'abcd' });
    expect(pseudonymiseInteraction(click, asSent)).toMatchObject({
      interactionId: 'abcd-7',
      publicId: hidden('abcd-7'),
      requestId: 'abcd',
      namesPerson: true,
    });
    const other = pseudonymiseInteraction({ ...click, interactionId: 'c7' }, asSent);
    expect([other.publicId, other.namesPerson]).toEqual([undefined, undefined]);
    expect(pseudonymiseInteraction({ ...click, interactionId: 'c7' }, pseudonymous).publicId).toBe(hidden('c7'));
  });

  it('never go out with a person in them, and are found by what was sent', () => {
    const name = fc.string({ minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(name, name, fc.string(), fc.string(), fc.boolean(), (session, user, before, after, isGiven) => {
        const sent = `${before}${user}${after}`;
        const ids = isGiven ? [`${sent}#x`] : [null];
        const [requestId, impressionIds] = outOf(sent, ids, { session, user }) as [string, (string | null)[]];
        expect(requestId).toBe(hidden(sent));
        const sampleId = impressionIds[0] ?? `${requestId}#1`;
        expect(publicIdsOf(isGiven ? `${sent}#x` : `${sent}#1`, keyed)).toContain(sampleId);
      }),
    );
  });
});
