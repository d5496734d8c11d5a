import type { ChaosProof } from '../lab/chaos.js';
import { counted } from './numbers.js';
import { textTable } from './table.js';

interface Table {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** The proof for a terminal. */
export function proofText(proof: ChaosProof): string {
  const tables = [countsOf(proof), rowsOf(proof), harmsOf(proof)].map(({ heads, rows }) => textTable(heads, rows));
  return `${tables.join('\n')}\n${verdictOf(proof)}\n`;
}

/** The proof as a page of Markdown. */
export function proofMarkdown(proof: ChaosProof): string {
  const { transport, seed, crashes } = proof;
  const line = (cells: readonly (string | number | null)[]): string =>
    `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
  const table = ({ heads, rows }: Table): string => [heads, heads.map(() => '---'), ...rows].map(line).join('\n');
  return `# Chaos on ${transport}, seed ${seed}

${verdictOf(proof)}

## Harms
${table(harmsOf(proof))}

## Counts
${table(countsOf(proof))}

## Rows of the output topics, as a committed reader sees them
${table(rowsOf(proof))}
${crashes.map((words) => `\n## Crash\n\`\`\`\n${words}\n\`\`\`\n`).join('')}`;
}

function countsOf({ expected, found }: ChaosProof): Table {
  return {
    heads: ['counts', 'unbroken', 'harmed'],
    rows: [
      ['impressions read', expected.impressions.read, found.impressions.read],
      ['impressions repeated', expected.impressions.duplicate, found.impressions.duplicate],
      ['impressions unexamined', expected.impressions.unexamined, found.impressions.unexamined],
      ['interactions read', expected.interactions.read, found.interactions.read],
      ['interactions joined', expected.interactions.joined, found.interactions.joined],
      ['samples seen', expected.samples.seen, found.samples.seen],
      ['samples positive', expected.samples.positive, found.samples.positive],
    ],
  };
}

function rowsOf({ topics }: ChaosProof): Table {
  return {
    heads: ['rows', 'unbroken', 'harmed', 'lost', 'extra', 'doubled', 'different'],
    rows: topics.map((one) => [
      one.topic,
      one.expectedCount,
      one.foundCount,
      one.lostCount,
      one.extraCount,
      one.doubledCount,
      one.differentCount,
    ]),
  };
}

function harmsOf({ harms }: ChaosProof): Table {
  return {
    heads: ['harm', 'at', 'times'],
    rows: harms.filter(({ count }) => count > 0).map(({ kind, at, count }) => [kind, at ?? '', count]),
  };
}

function verdictOf({ topics, differingCounts, crashes, gaveUp, harms, holds, elapsedMs }: ChaosProof): string {
  const faults = [
    ...differingCounts,
    ...topics.flatMap(({ topic, differentFields }) => differentFields.map((name) => `${topic}.${name}`)),
    ...(crashes.length > 0 ? [`${counted(crashes.length, 'crash', 'crashes')} (${crashes[0]})`] : []),
  ];
  const verdict = holds
    ? 'nothing lost, nothing doubled, nothing different'
    : `NOT the same${faults.length > 0 ? `: ${faults.join(', ')}` : ''}`;
  const done = tally(harms.map(({ kind, count }) => [kind, count]));
  const restarts =
    gaveUp.length > 0 ? `; gave up by itself and was started again: ${tally(gaveUp.map((code) => [code, 1]))}` : '';
  return `${done}${restarts} in ${(elapsedMs / 1000).toFixed(0)} s: ${verdict}`;
}

/** How often each of them, as text. */
function tally(counts: readonly (readonly [name: string, count: number])[]): string {
  const sums = new Map<string, number>();
  for (const [name, count] of counts) if (count > 0) sums.set(name, (sums.get(name) ?? 0) + count);
  return [...sums].map(([name, count]) => `${name} ×${count}`).join(', ');
}
