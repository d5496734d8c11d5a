import { SURFACES, type Surface } from './words.js';

/**
 * How it is told which of the shown impressions were seen, the *examination* of click models: all of them, those that
 * somebody did something with (a VIEW is enough), or those down to the last click of their list. The last is the dependent
 * click model with certain continuation (Guo, Liu, Wang 2009, "Efficient multiple-click models in web search", §3): what
 * stands above the last click was examined, and all of a list without a click.
 */
export const EXAMINED = ['all', 'viewed', 'above-last-click'] as const;

export type Examined = (typeof EXAMINED)[number];

/** How examination is told, on all surfaces but for those that have their own way. */
export interface Examination {
  /** Absent: all. */
  readonly examined?: Examined;
  readonly surfaceExamined?: Readonly<Partial<Record<Surface, Examined>>>;
  /** Positions below the last click that count as examined, too; absent: 0. */
  readonly examinedBelow?: number;
}

/** How it is told on a surface. */
export function examinedOn({ examined = 'all', surfaceExamined }: Examination, surface: Surface): Examined {
  return surfaceExamined?.[surface] ?? examined;
}

/** The least that says the same: nothing where all count as examined, so that ids made of settings stay as they were. */
export function leastExamination(examination: Examination): Examination {
  const { examined = 'all', examinedBelow = 0 } = examination;
  const ways = SURFACES.map((surface) => [surface, examinedOn(examination, surface)] as const);
  const own = ways.filter(([, way]) => way !== examined);
  const goesByClicks = ways.some(([, way]) => way === 'above-last-click');
  return {
    ...(examined === 'all' ? {} : { examined }),
    ...(own.length > 0 ? { surfaceExamined: Object.fromEntries(own) } : {}),
    ...(goesByClicks && examinedBelow > 0 ? { examinedBelow } : {}),
  };
}
