import type { CategoryTake } from '../../../config/declared-schema.js';
import { remember } from '../../state/remember.js';
import { REFERERS, refererOf } from './referers.js';
import { BROWSERS, browserOf, PLATFORMS, platformOf, SYSTEMS, systemOf } from './user-agent.js';

/** What a header may become, and how. One line a take. */
const TAKES: Readonly<
  Record<
    CategoryTake,
    { readonly values: readonly string[]; readonly of: (internal: readonly string[]) => (text: string) => string }
  >
> = {
  platform: { values: PLATFORMS, of: () => platformOf },
  os: { values: SYSTEMS, of: () => systemOf },
  browser: { values: BROWSERS, of: () => browserOf },
  referer: { values: REFERERS, of: refererOf },
};
/** User agents come again and again, and a dozen patterns cost more than a look-up. */
const MOST_REMEMBERED = 1_024;
/** Characters of a header that count. */
const LONGEST = 2_048;

/** Compiles what is taken of a header. @param internal domains of one's own, for `referer` */
export function categoryTake(take: CategoryTake, internal: readonly string[] = []): (text: string) => string {
  const of = remember(TAKES[take].of(internal), MOST_REMEMBERED);
  return (text) => of(text.slice(0, LONGEST));
}

/** Every value that a take may give. */
export function valuesOfTake(take: CategoryTake): readonly string[] {
  return TAKES[take].values;
}
