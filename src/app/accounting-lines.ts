import type { Accounting } from './accounting.js';

/** What an accounting has to say about the input, for people: a sentence each, none where all was well. */
export function accountingLines({ quality: { impossible }, valuesIgnored, identifyingIds }: Accounting): string[] {
  return [...impossibleLines(impossible), ...ignoredLines(valuesIgnored), ...identifyingLines(identifyingIds)];
}

function impossibleLines({ otherSession, otherItem, beforeShown }: Accounting['quality']['impossible']): string[] {
  const count = otherSession + otherItem + beforeShown;
  if (count === 0) return [];
  const reasons = [
    [otherSession, 'was shown to another session'],
    [otherItem, 'was of another item'],
    [beforeShown, 'had not been shown yet'],
  ] as const;
  const why = reasons.flatMap(([some, reason]) => (some > 0 ? [`${reason} (${whole(some)})`] : [])).join(', ');
  const who =
    count === 1
      ? 'interaction joined nothing, because the impression that it names'
      : 'interactions joined nothing, because the impression that each names';
  return [`${whole(count)} ${who} ${why}.`];
}

function ignoredLines(count: number): string[] {
  if (count === 0) return [];
  const what = count === 1 ? 'optional value (a price, say) was' : 'optional values (prices, say) were';
  return [`${whole(count)} ${what} not of the field's type and left out; the records went on without.`];
}

function identifyingLines(count: number): string[] {
  if (count === 0) return [];
  const whose = count === 1 ? 'message had an id that contains its' : 'messages had an id that contains their';
  return [
    `${whole(count)} ${whose} session or user id: it went out as a pseudonym (\`sluice key pseudonym ID\` gives the same).`,
  ];
}

function whole(count: number): string {
  return count.toLocaleString('en');
}
