import { seededRandom } from '../../src/adapters/system/index.js';

const WORDS =
  'cotton linen silk leather wool denim red blue green black white grey small large wide narrow long short summer winter garden kitchen office travel running hiking wooden steel glass plastic lamp table chair shelf jacket dress shirt shoes boots bag hat scarf watch ring cup plate knife pan bottle towel pillow blanket carpet mirror clock speaker cable charger phone camera drill hammer saw paint brush ladder bucket rope tent stove bicycle helmet glove ball racket puzzle doll book pen'.split(
    ' ',
  );
const WORDS_A_TITLE = 4;
const TITLES = 2_000;
/** Standard deviation of what a word adds to the log-odds of a click. */
const WORD_SPREAD = 1.2;
const INTERCEPT = -3;
const SHOWN_MS = Date.UTC(2026, 2, 1);

/**
 * A log in which the words of the title decide what is clicked, and nothing else does: every impression is of an item of its
 * own, and positions, prices and sessions are chance. Same seed, same log.
 */
export function titleLog(
  lists: number,
  items: number,
  seed: number,
): { impressions: object[]; interactions: object[] } {
  const random = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const worth = new Map(WORDS.map((word) => [word, WORD_SPREAD * normal()]));
  const titles = Array.from({ length: TITLES }, () => {
    const words = new Set<string>();
    while (words.size < WORDS_A_TITLE) words.add(WORDS[Math.floor(random() * WORDS.length)]!);
    return [...words];
  });
  const impressions: object[] = [];
  const interactions: object[] = [];
  for (let list = 0; list < lists; list++) {
    const requestId = `r${list}`;
    const [sessionId, eventTimeMs] = [`s${list}`, SHOWN_MS + list * 10_000];
    const shown = Array.from({ length: items }, (_, index) => {
      const words = titles[Math.floor(random() * TITLES)]!;
      const logit = words.reduce((sum, word) => sum + worth.get(word)!, INTERCEPT);
      const itemId = `i${list}-${index}`;
      if (random() < 1 / (1 + Math.exp(-logit)))
        interactions.push({
          interactionId: `c${interactions.length}`,
          eventTimeMs: eventTimeMs + 2_000,
          type: 'CLICK',
          sessionId,
          itemId,
          requestId,
        });
      return { itemId, position: index + 1, title: words.join(' '), price: 5 + Math.round(random() * 95) };
    });
    impressions.push({ requestId, eventTimeMs, surface: 'SEARCH', sessionId, query: 'anything', items: shown });
  }
  return { impressions, interactions };
}
