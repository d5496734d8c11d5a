import type { DroppedFacts, ImpressionFate, InputPlace, OutputPlace, WhyAnswer, WhyFate } from './fate.js';

/** What became of something, for people: whole sentences, the first one alone is the answer. */
export function sentencesOf(one: WhyFate): readonly string[] {
  const strayed =
    one.sessionPartition === null || one.place === null
      ? []
      : [
          `It lies on partition ${one.place.partition}, and the default partitioner puts its session on ${one.sessionPartition}: what its session did lies there.`,
        ];
  return [...ends(one), ...strayed];
}

/** What it is, in one line: kind, id, time, session and place. */
export function headOf({ subject, id, type, surface, eventTimeMs, sessionPseudonym, place }: WhyFate): string {
  const what = subject === 'interaction' && type !== null ? type : subject;
  const parts = [
    eventTimeMs === null ? null : iso(eventTimeMs),
    surface,
    sessionPseudonym === null ? null : `session ${sessionPseudonym}`,
    place === null ? 'its message is not among those looked at' : `at ${inputAt(place)}`,
  ];
  return `${what} ${id} (${parts.filter((part) => part !== null).join(', ')})`;
}

/** What is said of an id that was found nowhere. */
export function neverArrived({ id, lookedAt }: WhyAnswer): readonly string[] {
  const { fromMs, untilMs, messages, partitions } = lookedAt;
  const where = `${messages.toLocaleString('en')} messages on ${partitions.length === 1 ? 'partition' : 'partitions'} ${partitions.join(', ')}`;
  if (fromMs === null || untilMs === null)
    return [`${id} never arrived: no message was written in the time looked at.`];
  return [
    `${id} never arrived between ${iso(fromMs)} and ${iso(untilMs)}: it is in none of ${where}, and no output names it.`,
    'Ids are looked for as they were sent: a requestId, an interactionId, an impressionId, or requestId#position.',
  ];
}

function ends({ details }: WhyFate): readonly string[] {
  switch (details.fate) {
    case 'kept':
      return [`Kept with π ${number(details.inclusionProbability)}: it is a sample at ${outputAt(details.at)}.`];
    case 'audit':
      return [`Set aside for judging: it is an audit sample at ${outputAt(details.at)}, whatever its importance.`];
    case 'dropped':
      return ['Dropped: its outcome was final, and the coin said no.', ...selectionSentences(details.selection)];
    case 'unexamined':
      return [
        `Not examined: under label.examined = ${details.examined} nobody is held to have seen it, so it is no sample.`,
        details.examined === 'viewed'
          ? 'Nothing was done with it in its window, not even a VIEW.'
          : 'It stands below the last click of its list, and nothing was done with it.',
      ];
    case 'closing':
      return ['Its outcome is final; it waits to be scored.'];
    case 'open':
      return [
        `Open: its outcome is final when the watermark has passed ${iso(details.untilMs)}; it stands at ${time(details.watermarkMs)}.`,
      ];
    case 'waiting':
      return [
        `Read, and waiting for its turn at ${iso(details.turnMs)}: the watermark stands at ${time(details.watermarkMs)}.`,
      ];
    case 'unread':
      return [
        `Not read yet: the application has read up to offset ${details.committedOffset}, ${details.behindCount.toLocaleString('en')} before the end of it.`,
      ];
    case 'duplicate':
      return [
        details.of === null
          ? 'A duplicate of one that was read before.'
          : `A duplicate of the one at ${inputAt(details.of)}.`,
      ];
    case 'dead-letter':
      return [
        `Refused at ${details.stage} (${details.code}): ${details.reason}`,
        details.at === null
          ? 'Its dead letter is not on the topic: retention may have removed it.'
          : `\`sluice dead-letters show ${details.at.partition}:${details.at.offset}\` has the bytes.`,
      ];
    case 'joined':
      return [`Joined impression ${details.impression.sampleId}.`, ...fateSentences(details.impression)];
    case 'late':
      return [lateSentence(details), ...fateSentences(details.impression)];
    case 'unmatched':
      return [unmatchedSentence(details)];
    case 'pending':
      return [`Waiting for the impression that it names, until the watermark has passed ${iso(details.untilMs)}.`];
    case 'left-out':
      return ['Left out: wire.mapping says that it is no event of this topic.'];
    case 'untold':
      return [`Not told: ${details.why}.`];
  }
}

function fateSentences({ fate }: ImpressionFate): readonly string[] {
  if (fate === null) return [];
  const bare = { subject: 'impression', isAsked: true, id: '', place: null, eventTimeMs: null } as const;
  const rest = { type: null, surface: null, sessionPseudonym: null, sessionPartition: null };
  return ends({ ...bare, ...rest, details: fate }).map((sentence) => `The impression: ${sentence}`);
}

function selectionSentences(selection: DroppedFacts | null): readonly string[] {
  if (!selection) return [];
  const {
    label,
    strongest,
    coin,
    inclusionProbability,
    importance,
    threshold,
    prediction,
    snapshotVersion,
    why,
    selectionId,
  } = selection;
  const chance = inclusionProbability ? `π was ${between(inclusionProbability)}` : 'π cannot be told';
  const by = [
    importance === null ? null : `importance ${number(importance)}`,
    threshold === null ? null : `threshold ${between(threshold)}`,
    prediction === null ? null : `prediction ${number(prediction)} by ${snapshotVersion}`,
  ].filter((part) => part !== null);
  return [
    `Coin ${number(coin)}, and ${chance}${by.length > 0 ? ` (${by.join(', ')})` : ''}; label ${label} (${strongest}).`,
    ...(inclusionProbability
      ? ['π and threshold are worked out again between the kept samples next to it; the coin is exact.']
      : []),
    ...(selectionId === null ? [] : [`Selected under ${selectionId}: \`sluice describe selection ${selectionId}\`.`]),
    ...(why === null ? [] : [`Mind: ${why}.`]),
  ];
}

function lateSentence(details: WhyFate['details'] & { fate: 'late' }): string {
  const { pastWindowMs, behindWatermarkMs, impression, at } = details;
  const byHow = [
    pastWindowMs ? `its time lies ${seconds(pastWindowMs)} past the window of its impression` : null,
    behindWatermarkMs ? `it came ${seconds(behindWatermarkMs)} behind the watermark` : null,
  ].filter((part) => part !== null);
  const why = byHow.length > 0 ? `: ${byHow.join(', and ')}` : '';
  return `Late for impression ${impression.sampleId}, whose label was final${why}${at ? ` (${outputAt(at)})` : ''}.`;
}

function unmatchedSentence({ because, impressionAt }: WhyFate['details'] & { fate: 'unmatched' }): string {
  const at = impressionAt ? inputAt(impressionAt) : '';
  switch (because) {
    case 'no-impression':
      return 'Joined nothing: no impression that it could be of was remembered, and none was found that it names.';
    case 'other-session':
      return 'Joined nothing: the impression that it names was shown to another session.';
    case 'other-item':
      return 'Joined nothing: the impression that it names was of another item.';
    case 'before-shown':
      return 'Joined nothing: the impression that it names had not been shown yet.';
    case 'other-partition':
      return `Joined nothing: the impression that it names lies on another partition, at ${at}. Both topics need the same key.`;
    case 'not-remembered':
      return `Joined nothing: the impression that it names stands at ${at}, and was refused, or forgotten, or not there at its turn.`;
  }
}

function inputAt({ input, partition, offset }: InputPlace): string {
  return `${input} ${partition}:${offset}`;
}

function outputAt({ topic, partition, offset }: OutputPlace): string {
  return `${topic} ${partition}:${offset}`;
}

function between({ least, most }: { readonly least: number; readonly most: number }): string {
  const [low, high] = [number(least), number(most)];
  return low === high ? low : `${low} to ${high}`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1)).toLocaleString('en')} s`;
}

function time(ms: number | null): string {
  return ms === null || !Number.isFinite(ms) ? 'nothing yet' : iso(ms);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
