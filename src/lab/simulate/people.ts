import { STYLE_DIMENSIONS } from './catalogue.js';
import { exponential, normal, normals, pick, pickIndex, streamRandom } from './draws.js';
import { CATEGORIES } from './vocabulary.js';
import type { Random } from '../../ports/random.js';

const PERSON_STREAM = 2;
const DEVICES = ['mobile', 'desktop', 'tablet'] as const;
const DEVICE_WEIGHTS = [0.6, 0.32, 0.08];
/** Share of sessions by people who were here before, once there are some. */
const RETURNING_FRACTION = 0.6;
/** People remembered for a return; beyond it, the newest take the places of earlier ones. */
const MAX_PEOPLE = 50_000;

/** Somebody with tastes. */
export interface Person {
  readonly userId: string;
  readonly device: (typeof DEVICES)[number];
  readonly country: string;
  /** Interest in each category, summing to 1; few matter. */
  readonly interests: Float64Array;
  readonly taste: Float64Array;
  /** How much a high price puts off; 1 on average. */
  readonly priceSensitivity: number;
  /** Readiness to click anything, in log-odds. */
  readonly eagerness: number;
  /** One in six is not logged in: the events carry no userId. */
  readonly isKnown: boolean;
}

/** Person k of a seed. */
function makePerson(seed: number, index: number, countries: readonly string[]): Person {
  const random = streamRandom(seed, PERSON_STREAM, index);
  const raw = Float64Array.from(CATEGORIES, () => exponential(random, 1) ** 2);
  const total = raw.reduce((sum, value) => sum + value, 0);
  return {
    userId: `user-${index + 1}`,
    device: DEVICES[pickIndex(random, DEVICE_WEIGHTS)]!,
    country: pick(random, countries),
    interests: raw.map((value) => value / total),
    taste: normals(random, STYLE_DIMENSIONS),
    priceSensitivity: Math.exp(0.5 * normal(random)),
    eagerness: 0.5 * normal(random),
    isKnown: random() > 1 / 6,
  };
}

/** Says who comes next: somebody new, or somebody of before (regulars more often). */
export function createCrowd(seed: number, random: Random, countries: readonly string[]): () => Person {
  const people: Person[] = [];
  let madeCount = 0;
  return () => {
    if (people.length > 0 && random() < RETURNING_FRACTION) return people[Math.floor(random() ** 2 * people.length)]!;
    const person = makePerson(seed, madeCount, countries);
    if (people.length < MAX_PEOPLE) people.push(person);
    else people[madeCount % MAX_PEOPLE] = person;
    madeCount += 1;
    return person;
  };
}
