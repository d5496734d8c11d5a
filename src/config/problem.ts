/** Something wrong (`error`: the config is refused) or unwise (`warning`: it runs) about a config. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Dotted path of the option; two of them for a problem between options. */
  readonly paths: readonly string[];
  /** The values given, beside their paths; undefined where there is none. */
  readonly values: readonly unknown[];
  /** What would be right, or what is unwise about it. */
  readonly expectation: string;
  /** Ways out; empty when the expectation says it all. */
  readonly remedies: readonly string[];
  /** Where the values came from: `sluice.yaml:12`, `SLUICE_SELECTION_BUDGET`, `--set`, `default`. */
  readonly sources: readonly string[];
}

/** One problem as text: a line with place, value and expectation, then one line a way out. */
export function formatProblem(problem: Problem): string {
  const places = problem.paths.map((path, index) => {
    const value = problem.values[index];
    const source = problem.sources[index];
    return `${path}${value === undefined ? '' : ` = ${display(value)}`}${source === undefined ? '' : ` (${source})`}`;
  });
  const head = places.length === 0 ? problem.expectation : `${places.join(' and ')}: ${problem.expectation}`;
  return [`${problem.severity}: ${head}`, ...problem.remedies.map((remedy) => `  - ${remedy}`)].join('\n');
}

/** Every problem, errors first, one after the other. */
export function formatProblems(problems: readonly Problem[]): string {
  const rank = (problem: Problem): number => (problem.severity === 'error' ? 0 : 1);
  return [...problems]
    .sort((left, right) => rank(left) - rank(right))
    .map(formatProblem)
    .join('\n');
}

/** User and password of an address. */
const CREDENTIALS = /\/\/[^/@\s"]*@/g;

/** A text in which what stands before the @ of an address is hidden. */
export function withoutCredentials(text: string): string {
  return text.replace(CREDENTIALS, '//[hidden]@');
}

/** A value as a reader would type it, cut at 60 characters; what stands before the @ of an address is hidden. */
function display(value: unknown): string {
  const text = withoutCredentials(JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
