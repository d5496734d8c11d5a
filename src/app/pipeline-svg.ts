import type { DescribedStage } from './describe-pipeline.js';

const WIDTH = 760;
const LEFT = 40;
const BOX_WIDTH = 150;
const BOX_HEIGHT = 36;
const ROW_HEIGHT = 66;
const TOP = 24;
/** Characters of what a stage does that fit on a line beside its box. */
const LINE_LENGTH = 74;
const LINE_HEIGHT = 16;

/**
 * The stages as a picture that stands alone: no script, font or file from elsewhere; light or dark as the reader's page. Each
 * stage is a box with what it does beside it, each arrow bears what is passed on, and a line runs along those that a restore
 * repeats.
 */
export function pipelineSvg(stages: readonly DescribedStage[]): string {
  const height = TOP + stages.length * ROW_HEIGHT;
  const repeatedCount = stages.filter(({ repeatedByRestore }) => repeatedByRestore).length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="The stages of Sluice, in order">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
    ...restoreLine(repeatedCount),
    ...stages.flatMap((stage, at) => stageParts(stage, at, at === stages.length - 1)),
    '</svg>',
    '',
  ].join('\n');
}

const STYLE =
  'text{font:13px system-ui,sans-serif;fill:#1b2733}.name{font-weight:600;text-anchor:middle}.pass,.again{fill:#5b6b7a;font-size:12px}' +
  'rect{fill:#eef4fa;stroke:#2f6f9f;rx:6}line{stroke:#5b6b7a;stroke-width:1.5}.again-line{stroke:#c2791b;stroke-width:3}.tip{fill:#5b6b7a}' +
  '@media(prefers-color-scheme:dark){text{fill:#e3eaf1}.pass,.again{fill:#9db0c1}rect{fill:#17222d;stroke:#5fa8dc}line{stroke:#9db0c1}.again-line{stroke:#e0a04a}.tip{fill:#9db0c1}}';

/** Beside the stages that a restart goes through again; they are the first ones. */
function restoreLine(count: number): string[] {
  if (count === 0) return [];
  const end = TOP + (count - 1) * ROW_HEIGHT + BOX_HEIGHT;
  const middle = (TOP + end) / 2;
  return [
    `<line class="again-line" x1="24" y1="${TOP}" x2="24" y2="${end}"/>`,
    `<text class="again" text-anchor="middle" transform="translate(15 ${middle}) rotate(-90)">a restore repeats these</text>`,
  ];
}

function stageParts({ name, gives, does }: DescribedStage, at: number, isLast: boolean): string[] {
  const top = TOP + at * ROW_HEIGHT;
  const middle = LEFT + BOX_WIDTH / 2;
  const lines = wrapped(does);
  const firstLine = top + BOX_HEIGHT / 2 + 5 - ((lines.length - 1) * LINE_HEIGHT) / 2;
  const arrow = [
    `<line x1="${middle}" y1="${top + BOX_HEIGHT}" x2="${middle}" y2="${top + ROW_HEIGHT - 2}" marker-end="url(#tip)"/>`,
    `<text class="pass" x="${middle + 10}" y="${top + BOX_HEIGHT + 19}">${escaped(gives)}</text>`,
  ];
  return [
    `<rect x="${LEFT}" y="${top}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}"/>`,
    `<text class="name" x="${middle}" y="${top + BOX_HEIGHT / 2 + 5}">${escaped(name)}</text>`,
    ...lines.map(
      (line, row) => `<text x="${LEFT + BOX_WIDTH + 20}" y="${firstLine + row * LINE_HEIGHT}">${escaped(line)}</text>`,
    ),
    ...(isLast ? [] : arrow),
  ];
}

function wrapped(text: string): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + 1 + word.length > LINE_LENGTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
