import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { captureState } from '../../../src/pipeline/checkpoint/capture.js';
import { packCheckpoint, unpackCheckpoint } from '../../../src/pipeline/checkpoint/pack.js';
import { FROM_THE_BEGINNING, Reorder } from '../../../src/pipeline/order/reorder.js';
import { cleanInteraction, cleanItem, cleanList, NO_HOLD, T0 } from '../kit.js';
import { Story } from '../story.js';

/** Lists, open and remembered, and interactions that wait, of one who can be recognised in every text. */
function storyOfTexts(): Story {
  const story = new Story({ join: { attributionWindowMs: 60_000 } });
  for (const [requestId, timeMs] of [
    ['closed', T0],
    ['open', T0 + 120_000],
  ] as const)
    story.show(
      cleanList(
        requestId,
        timeMs,
        [
          cleanItem('item-7', 1, {
            text: 'RAW-TITLE of it. RAW-DESCRIPTION',
            category: 'kept category',
            attributes: { colour: 'RAW-ATTRIBUTE' },
            impressionId: `given-${requestId}`,
          }),
          'item-8',
        ],
        { query: 'RAW-QUERY about an illness', context: { ip: '198.51.100.7', agent: 'RAW-AGENT', device: 'phone' } },
      ),
    );
  story.act(
    cleanInteraction('CLICK', T0 + 120_000, 'item-9', { requestId: 'RAW-REQUEST' }),
    cleanInteraction('CLICK', T0 + 120_001, 'item-9', {
      interactionId: 'RAW-REQUEST-click',
      requestId: 'RAW-REQUEST',
      impressionId: 'RAW-REQUEST#3',
    }),
  );
  return story;
}

const packed = async (story: Story): Promise<Uint8Array> =>
  Buffer.concat((await packCheckpoint(1, captureState(story.state, new Reorder(NO_HOLD, FROM_THE_BEGINNING)))).chunks);

describe('a checkpoint', () => {
  it('holds no text that a person wrote and no value of a context: keys of them are enough', async () => {
    const story = storyOfTexts();
    expect([story.state.join.open.openCount, story.state.pending.size]).toEqual([2, 2]);
    const text = gunzipSync(await packed(story)).toString('latin1');
    for (const raw of ['RAW-', '198.51.100.7', 'illness']) expect(text, raw).not.toContain(raw);
    for (const kept of ['item-7', 'kept category', 'closed', 'given-open']) expect(text, kept).toContain(kept);
  });

  it('of lists whose texts are gone counts a click under the same keys as the list itself would', async () => {
    const click = cleanInteraction('CLICK', T0 + 121_000, 'item-7', { impressionId: 'given-open' });
    const lived = storyOfTexts();
    const restored = storyOfTexts();
    const { join, pending } = await unpackCheckpoint(await packed(lived));
    restored.state.join.restore({ ...restored.state.join.capture(), lists: join.lists });
    restored.state.pending.restore(pending);
    const late = cleanList('RAW-REQUEST', T0 + 121_001, [cleanItem('item-9', 3)]);
    for (const story of [lived, restored]) {
      story.act(click);
      story.show(late);
      expect(story.counts).toMatchObject({ interactionsJoined: 3, interactionsUnmatched: 0 });
    }
    const tables = ({ state }: Story) =>
      Object.entries(state.features.tables()).map(([name, part]) => [name, part.capture()]);
    expect(tables(restored)).toEqual(tables(lived));
    const clicked = (name: string): number =>
      Array.from(Object.entries(lived.state.features.tables()[name]!.capture()))
        .filter(([column]) => column.startsWith('clicked'))
        .flatMap(([, values]) => Array.from(values as Float64Array))
        .reduce((sum, value) => sum + value, 0);
    expect([clicked('context'), clicked('attribute')]).toEqual([3, 1]);
  });
});
