import { isMarked } from '../../pipeline/join/lane.js';
import { streamTopics, topicName } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import { partitionOfText } from '../../events/partition.js';
import type { DeadLetter } from '../../events/words.js';
import { decodeProgress } from '../../pipeline/progress/progress.js';
import { INPUTS, type Committed } from '../../ports/transport.js';
import { gateOf } from '../wire.js';
import { Asked } from './asked.js';
import { type Dropped, DroppedSelection } from './dropped.js';
import { eachSample, readEvidence, type Evidence, type FoundLetter } from './evidence.js';
import { MessageFinder, type FoundMessage } from './find-messages.js';
import type { Details, LookedAt, WhyAnswer } from './fate.js';
import { placeUnmatched } from './named.js';
import { readRange, type TimeRange } from '../read-range.js';
import { reread, type RereadDeps } from './reread.js';
import {
  fateIn,
  letterDetails,
  sampleDetails,
  settledByOutputs,
  settledByTrace,
  untold,
  withFate,
  type Grounds,
} from './settle.js';
import { aloneAmong, fillDuplicates, isTold, whyFateOf, publicFormsOf, subjectsOf, type Subject } from './subjects.js';
import { keyOf, Trace } from './trace.js';

/** Where to look. */
export interface WhyOptions extends TimeRange {
  /** The session as it was sent: only its partition is read, unless nothing is there. */
  readonly session?: string | undefined;
}

export type WhyDeps = RereadDeps;

/**
 * Tells what became of an impression, request, interaction or sample, from the topics alone: nobody who runs is asked, and
 * nothing is written. Outputs and offsets are looked at first; what they do not tell, a silent re-read of its partition does.
 */
export async function why(deps: WhyDeps, id: string, options: WhyOptions = {}): Promise<WhyAnswer> {
  return { id, ...(await whyEach(deps, [id], options)) };
}

/** The same for several ids in one go; fates come in the order of their places. */
export async function whyEach(
  deps: WhyDeps,
  ids: readonly string[],
  options: WhyOptions = {},
): Promise<Omit<WhyAnswer, 'id'>> {
  return new Search(deps, ids, options).answer();
}

const NOTHING_COMMITTED: Committed = { offsets: { impressions: 0, interactions: 0 }, progress: null };

/** A dropped impression, and who is told of its selection. */
interface ToTell extends Dropped {
  readonly tell: (details: Details) => void;
}

/** A pseudonym, alone or before a position: an id may be asked for as it went out. */
const PSEUDONYM = /^[0-9a-f]{32}(#\d+)?$/;

class Search {
  private readonly messages: FoundMessage[] = [];
  private looked: LookedAt = { fromMs: null, untilMs: null, messages: 0, partitions: [], rereadFrom: null };
  private readonly asked: Asked;
  private readonly forms: ReadonlySet<string>;

  constructor(
    private readonly deps: WhyDeps,
    private readonly ids: readonly string[],
    private readonly options: WhyOptions,
  ) {
    const { parts } = deps;
    this.asked = new Asked(new Set(ids), parts.mapping !== undefined || ids.some((id) => PSEUDONYM.test(id)));
    this.forms = new Set(ids.flatMap((id) => publicFormsOf(id, parts.keyed)));
  }

  async answer(): Promise<Omit<WhyAnswer, 'id'>> {
    const { deps } = this;
    const partitionCount = await deps.transport.partitionCount('impressions');
    await this.findMessages(partitionCount);
    const subjects = this.messages.flatMap((found) => subjectsOf(found, deps.parts.keyed));
    const evidence = await readEvidence(this.sources(), this.wanted(subjects), this.options);
    const grounds = this.grounds(evidence);
    const committed = await deps.transport.committedAll();
    const isAlone = aloneAmong(subjects);
    for (const subject of subjects) {
      const of = committed.get(subject.found.place.partition) ?? NOTHING_COMMITTED;
      const settled = settledByOutputs(subject, of, grounds);
      if (settled && (isAlone(subject) || settled.fate === 'unread' || subject.kind === 'message'))
        subject.details = settled;
    }
    const dropped = await this.trace(subjects, committed, grounds);
    await this.tellDropped(dropped, partitionCount);
    await this.placeUnmatched(subjects, partitionCount);
    fillDuplicates(subjects);
    const askedIds = new Set(subjects.flatMap(({ id, found }) => (found.isAsked ? [id] : [])));
    const fates = subjects.filter((subject) => isTold(subject, askedIds)).map(whyFateOf);
    return { fates: [...fates, ...this.withoutInput(subjects, evidence)], lookedAt: this.looked };
  }

  /** The partition of the session first, the others only when nothing is there. */
  private async findMessages(partitionCount: number): Promise<void> {
    const { session } = this.options;
    const all = Array.from({ length: partitionCount }, (_, partition) => partition);
    const own = session === undefined ? all : [partitionOfText(session, partitionCount)];
    await this.findIn(own, partitionCount);
    if (this.messages.some(({ isAsked }) => isAsked)) return;
    await this.findIn(
      all.filter((partition) => !own.includes(partition)),
      partitionCount,
    );
  }

  private async findIn(partitions: readonly number[], partitionCount: number): Promise<void> {
    const { transport, onRead } = this.deps;
    const finder = this.finderOf(this.asked, partitionCount);
    let { fromMs, untilMs, messages } = this.looked;
    for (const input of INPUTS) {
      for (const partition of partitions) {
        for await (const record of readRange(transport, input, partition, this.options)) {
          onRead(1);
          messages++;
          fromMs = Math.min(fromMs ?? Infinity, record.timestampMs);
          untilMs = Math.max(untilMs ?? -Infinity, record.timestampMs);
          await finder.prepare(input, record);
          this.messages.push(...finder.find(input, record));
        }
      }
    }
    this.looked = { ...this.looked, fromMs, untilMs, messages, partitions: [...this.looked.partitions, ...partitions] };
  }

  private finderOf(asked: Asked, partitionCount: number): MessageFinder {
    const { config, parts } = this.deps;
    const gates = Array.from({ length: partitionCount }, (_, one) => gateOf(config, parts, one, partitionCount));
    const isHidden = this.ids.some((id) => PSEUDONYM.test(id));
    const hidden = isHidden ? (id: string) => parts.keyed.pseudonym('request', id) : undefined;
    return new MessageFinder(asked, (partition) => gates[partition]!, hidden);
  }

  private async placeUnmatched(subjects: readonly Subject[], partitionCount: number): Promise<void> {
    const finderOf = (asked: Asked): MessageFinder => this.finderOf(asked, partitionCount);
    const isMapped = this.deps.parts.mapping !== undefined;
    await placeUnmatched({ ...this.deps, finderOf, isMapped }, subjects, partitionCount, this.options);
  }

  private wanted(subjects: readonly Subject[]) {
    const { forms, asked, deps } = this;
    const sought = new Set([...forms, ...subjects.map(({ id }) => id)]);
    const places = new Set(
      subjects.map(({ found: { place } }) =>
        sourceOf(topicName(streamTopics(deps.config), place.input), place.partition, place.offset),
      ),
    );
    return {
      isSample: ({ sampleId, requestId }: { sampleId: string; requestId: string }) =>
        sought.has(sampleId) || forms.has(requestId),
      isLate: ({ interactionId }: { interactionId: string }) => sought.has(interactionId),
      isLetter: (letter: DeadLetter) => places.has(sourceOfLetter(letter)) || asked.isNamedIn(letter.payload),
    };
  }

  private grounds(evidence: Evidence): Grounds {
    const { config } = this.deps;
    const letters = new Map(evidence.letters.map((found) => [sourceOfLetter(found.letter), found]));
    return {
      evidence,
      letterOf: ({ found: { place } }): FoundLetter | undefined =>
        letters.get(sourceOf(topicName(streamTopics(config), place.input), place.partition, place.offset)),
    };
  }

  /** Re-reads what outputs did not tell. @returns what was dropped */
  private async trace(
    subjects: readonly Subject[],
    committed: ReadonlyMap<number, Committed>,
    grounds: Grounds,
  ): Promise<readonly ToTell[]> {
    const { deps } = this;
    const open = subjects.filter(({ details, found }) => !details && found.isAsked);
    const dropped: ToTell[] = [];
    for (const partition of new Set(open.map(({ found }) => found.place.partition))) {
      const of = committed.get(partition) ?? NOTHING_COMMITTED;
      const here = subjects.filter(({ details, found }) => !details && found.place.partition === partition);
      const trace = new Trace(new Set(here.map(({ found: { place } }) => keyOf(place))), deps.config.label);
      const began = await reread(deps, partition, of, trace).catch((thrown: unknown) => {
        if (thrown instanceof SluiceError && thrown.class !== 'bug') return thrown;
        throw thrown;
      });
      if (began instanceof SluiceError) {
        for (const subject of here) subject.details = settledByOutputs(subject, of, grounds) ?? untold(began.reason);
        continue;
      }
      this.looked = { ...this.looked, rereadFrom: leastCertain(this.looked.rereadFrom, began) };
      const { emittedBefore } = decodeProgress(of.progress);
      const isEmitted = (sequence: number): boolean => began === 'what is left' || isMarked(emittedBefore, sequence);
      const more = await this.samplesOf(trace, grounds);
      for (const subject of here) {
        subject.details = settledByTrace(subject, trace, isEmitted, more);
        const tell = (details: Details): void => void (subject.details = withFate(subject.details!, details));
        const closed = trace.closedOf(keyOf(subject.found.place), subject.item);
        if (closed && fateIn(subject.details).fate === 'dropped') dropped.push({ partition, impression: closed, tell });
      }
    }
    return dropped;
  }

  /** The samples of impressions that an interaction turned out to belong to. */
  private async samplesOf(trace: Trace, grounds: Grounds): Promise<Grounds> {
    const known = new Set(grounds.evidence.samples.map(({ sample }) => sample.sampleId));
    const wanted = new Set(trace.joinedIds().filter((id) => !known.has(id) && !this.forms.has(id)));
    if (wanted.size === 0) return grounds;
    const no = (): boolean => false;
    const isSample = ({ sampleId }: { sampleId: string }): boolean => wanted.has(sampleId);
    const { samples } = await readEvidence(this.sources(), { isSample, isLate: no, isLetter: no }, this.options);
    const { evidence } = grounds;
    return { ...grounds, evidence: { ...evidence, samples: [...evidence.samples, ...samples] } };
  }

  private async tellDropped(dropped: readonly ToTell[], partitionCount: number): Promise<void> {
    if (dropped.length === 0) return;
    const { config, transport, parts } = this.deps;
    const { keyOf: textKeyOf, featureSetId, ownCode } = parts;
    const known = { keyOf: textKeyOf, partitionCount, featureSetId, scorers: ownCode.scorers };
    const selection = new DroppedSelection({ config, transport, ...known });
    try {
      for await (const { topic, record, sample } of eachSample(this.sources(), this.options))
        await selection.observe(dropped, topic, record, sample);
      for (const one of dropped) one.tell({ fate: 'dropped', selection: await selection.facts(one), why: null });
    } finally {
      await selection.close();
    }
  }

  /** What outputs tell of things whose input is gone. */
  private withoutInput(subjects: readonly Subject[], { samples, late, letters }: Evidence): WhyAnswer['fates'] {
    const known = new Set(subjects.map(({ id }) => id));
    const places = new Set(
      subjects.map(({ found: { place } }) =>
        sourceOf(topicName(streamTopics(this.deps.config), place.input), place.partition, place.offset),
      ),
    );
    const bare = { isAsked: true, place: null, type: null, surface: null, sessionPartition: null } as const;
    return [
      ...samples.flatMap(({ sample }) =>
        known.has(sample.sampleId) || !(this.forms.has(sample.sampleId) || this.forms.has(sample.requestId))
          ? []
          : {
              ...bare,
              subject: 'impression' as const,
              id: sample.sampleId,
              eventTimeMs: sample.eventTimeMs,
              surface: sample.surface,
              sessionPseudonym: sample.sessionPseudonym,
              details: sampleDetails(sample.sampleId, { samples, late, letters })!,
            },
      ),
      ...letters.flatMap((found) =>
        places.has(sourceOfLetter(found.letter))
          ? []
          : {
              ...bare,
              subject: 'message' as const,
              id: `${found.letter.sourceTopic} ${found.letter.sourcePartition}:${found.letter.sourceOffset}`,
              eventTimeMs: null,
              sessionPseudonym: null,
              details: letterDetails(found),
            },
      ),
    ];
  }

  private sources() {
    const { transport, parts, onRead } = this.deps;
    return { transport, codecs: parts.codecs, onRead };
  }
}

function sourceOf(topic: string, partition: number, offset: number): string {
  return `${topic} ${partition} ${offset}`;
}

function sourceOfLetter({ sourceTopic, sourcePartition, sourceOffset }: DeadLetter): string {
  return sourceOf(sourceTopic, sourcePartition, sourceOffset);
}

function leastCertain(one: LookedAt['rereadFrom'], other: NonNullable<LookedAt['rereadFrom']>): LookedAt['rereadFrom'] {
  const order = ['checkpoint', 'beginning', 'what is left'] as const;
  return one === null ? other : order[Math.max(order.indexOf(one), order.indexOf(other))]!;
}
