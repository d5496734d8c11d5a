const OF_INTERACTIONS = 'interactions.';

/** The path in an interaction that the path of a declared feature is; undefined: it is none. */
export function interactionPathOf(from: string): string | undefined {
  return from.startsWith(OF_INTERACTIONS) ? from.slice(OF_INTERACTIONS.length) : undefined;
}
