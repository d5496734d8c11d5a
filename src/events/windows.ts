import { SURFACES, type Surface } from './words.js';

/** How long after an impression an interaction counts for it, ms of event time: on all surfaces, but for those that have their own. */
export interface Windows {
  readonly attributionWindowMs: number;
  readonly surfaceWindowsMs?: Readonly<Partial<Record<Surface, number>>>;
}

/** The window of a surface. */
export function windowOn({ attributionWindowMs, surfaceWindowsMs }: Windows, surface: Surface): number {
  return surfaceWindowsMs?.[surface] ?? attributionWindowMs;
}

/** The longest window, ms, that of all included, since what is open may still wait under it. */
export function longestWindowMs(windows: Windows): number {
  return Math.max(windows.attributionWindowMs, ...SURFACES.map((surface) => windowOn(windows, surface)));
}

/** The shortest window of all surfaces, ms. */
export function shortestWindowMs(windows: Windows): number {
  return Math.min(...SURFACES.map((surface) => windowOn(windows, surface)));
}
