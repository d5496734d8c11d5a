import type { LogRecord } from '../../ports/transport.js';
import type { Timed } from '../admitted.js';

/** An event far ahead of its topic, and how many messages behind it speak for and against its time: all that decides. */
export interface HeldPlace {
  readonly offset: number;
  readonly timeMs: number;
  /** Messages from it on, itself among them, that had reached its time. */
  readonly forCount: number;
  /** Messages behind it that had not. */
  readonly againstCount: number;
}

/** What is known of a topic beside its newest event time. */
export interface Standing {
  /** How far behind the newest event time all but few of its messages are at the most: 0 where they come in order. */
  readonly behindMs: number;
  /** Events that are held, in the order of the log. */
  readonly places: readonly HeldPlace[];
}

/** A topic of which nothing is known. */
export const NO_STANDING: Standing = { behindMs: 0, places: [] };

/** What the order was just before a message was read: a re-read that begins with it begins there. */
export interface ReadPoint {
  /** Newest event time of its topic. */
  readonly newestBeforeMs: number;
  readonly floorMs: number;
  readonly standing: Standing;
}

/** A message with what a re-read from it needs. */
export interface ReadEvent {
  readonly event: Timed;
  readonly record: LogRecord;
  readonly readPoint: ReadPoint;
}

/** A held event; without its message where a re-read began behind it, which has been dealt with. */
export interface HeldEvent {
  readonly place: HeldPlace;
  readonly read: ReadEvent | undefined;
}

/** Messages for an event, itself among them, at which it is believed if they are more than those against. */
export const ENOUGH_FOR = 32;
/** Messages against an event at which it is refused unless more are for it. */
export const ENOUGH_AGAINST = 64;

/**
 * Messages in a row that are all behind, and that are not, which take the measure of how far behind they are from one end to
 * the other. It comes to stand where one message in nine is further behind.
 */
const MESSAGES_UP = 4;
const MESSAGES_DOWN = 32;

/**
 * Events of one topic that are further ahead of it than is credible from one message. Whether a clock is wrong or the topic
 * was silent shows in what follows: each later message speaks for a held event when it had reached its time, less the
 * distance that is credible, and against it otherwise. A function of the topic's log alone. At most
 * {@link ENOUGH_FOR} + {@link ENOUGH_AGAINST} events are held at a time.
 *
 * A clock that runs fast is never far ahead of its own last message. So what is credible is less where most messages are
 * behind the newest time already: no clock takes the topic further than the credible distance by small steps.
 */
export class HeldAhead {
  private held: HeldEvent[];

  /** @param now never changed in place */
  constructor(private now: Standing = NO_STANDING) {
    this.held = now.places.map((place) => ({ place, read: undefined }));
  }

  get count(): number {
    return this.held.length;
  }

  /** All of it, for a re-read. Never changed in place. */
  get standing(): Standing {
    return this.now;
  }

  /** Event time up to which a message is taken at its word. */
  limitMs(newestMs: number, credibleMs: number): number {
    return newestMs + Math.max(0, credibleMs - 2 * this.now.behindMs);
  }

  /** Measures how far behind the newest time the messages are, by one that was taken at its word. */
  measure(timeMs: number, writtenMs: number, newestMs: number, credibleMs: number): void {
    const { behindMs, places } = this.now;
    // An upload of old events is as new as it was written.
    const reachedMs = Math.abs(writtenMs - newestMs) <= credibleMs ? Math.max(timeMs, writtenMs) : timeMs;
    const isBehind = newestMs - reachedMs > behindMs;
    if (!isBehind && behindMs === 0) return;
    const mostMs = credibleMs / 2;
    const movedMs = behindMs + (isBehind ? mostMs / MESSAGES_UP : -mostMs / MESSAGES_DOWN);
    this.now = { behindMs: Math.min(mostMs, Math.max(0, movedMs)), places };
  }

  /** What is held with its message: a re-read must find it again. */
  get reads(): readonly ReadEvent[] {
    return this.held.flatMap(({ read }) => (read ? [read] : []));
  }

  /**
   * Counts a message for or against each held event. That it was written about when a held event says it happened speaks for
   * that event, too: so an upload of old events does not speak against a right clock.
   * @param writtenMs timestamp of the message
   * @param credibleMs how far ahead of its topic an event is credible
   */
  hear(timeMs: number, writtenMs: number, credibleMs: number): void {
    if (this.held.length === 0) return;
    this.held = this.held.map(({ place, read }) => {
      const isFor = timeMs >= place.timeMs - credibleMs || Math.abs(writtenMs - place.timeMs) <= credibleMs;
      const { forCount, againstCount } = place;
      const counted = isFor ? { forCount: forCount + 1 } : { againstCount: againstCount + 1 };
      return { place: { ...place, ...counted }, read };
    });
    this.note();
  }

  /** Holds an event. */
  hold(read: ReadEvent): void {
    const { offset, timeMs } = read.event;
    this.held.push({ place: { offset, timeMs, forCount: 1, againstCount: 0 }, read });
    this.note();
  }

  /**
   * Takes out the first, in the order of the log, that is believed or that the topic has come near to, or up to where more
   * messages are against it; undefined: none.
   */
  takeCredible(newestMs: number, credibleMs: number): HeldEvent | undefined {
    const limitMs = this.limitMs(newestMs, credibleMs);
    return this.takeFirst(({ timeMs, forCount, againstCount }) => {
      const isContested = 2 * againstCount >= forCount;
      return timeMs <= (isContested ? newestMs : limitMs) || (forCount >= ENOUGH_FOR && forCount > againstCount);
    });
  }

  /** Takes out the first that enough messages are against; undefined: none. */
  takeRefuted(): HeldEvent | undefined {
    return this.takeFirst(({ forCount, againstCount }) => againstCount >= ENOUGH_AGAINST && againstCount >= forCount);
  }

  /** Takes out the first up to a time that not more messages are against than for; undefined: none. */
  takeUncontested(upToMs: number): HeldEvent | undefined {
    return this.takeFirst((place) => isUncontested(place, upToMs));
  }

  /** True when {@link takeUncontested} would find one. */
  hasUncontested(upToMs: number): boolean {
    return this.held.some(({ place }) => isUncontested(place, upToMs));
  }

  /** Takes out the first. */
  takeAny(): HeldEvent | undefined {
    return this.takeFirst(() => true);
  }

  private takeFirst(is: (place: HeldPlace) => boolean): HeldEvent | undefined {
    const at = this.held.findIndex(({ place }) => is(place));
    if (at < 0) return undefined;
    const [taken] = this.held.splice(at, 1);
    this.note();
    return taken;
  }

  private note(): void {
    this.now = { behindMs: this.now.behindMs, places: this.held.map(({ place }) => place) };
  }
}

function isUncontested({ timeMs, forCount, againstCount }: HeldPlace, upToMs: number): boolean {
  return timeMs <= upToMs && forCount >= againstCount;
}
