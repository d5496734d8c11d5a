import type { Transferable } from 'node:worker_threads';
import { SluiceError } from '../../errors.js';
import { errorOf, imageOf, type ErrorImage } from './protocol.js';
import { Transferred } from './serve.js';

/** What one end of a line answers and hears, by name. One question each; a telling has no answer. */
export type Doors = Readonly<Record<string, (question: never) => unknown>>;

type QuestionAt<Remote extends Doors, Name extends keyof Remote> = Parameters<Remote[Name]>[0];
type Given<Answer> = Answer extends Transferred<infer Inner> ? Inner : Answer;
type AnswerAt<Remote extends Doors, Name extends keyof Remote> = Given<Awaited<ReturnType<Remote[Name]>>>;

type Message =
  | { readonly kind: 'tell'; readonly door: string; readonly question: unknown }
  | { readonly kind: 'ask'; readonly id: number; readonly door: string; readonly question: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: TravellingError };

/** An error under way. `home`: it is the receiver's own, by the number under which it left. */
type TravellingError = { readonly image: ErrorImage; readonly number: number; readonly home?: number };

/** Errors that left and are remembered, so that one that comes back is the same object. */
const MOST_ABROAD = 100;

/**
 * One end of a line between two threads, on which both ask and tell. Messages arrive in the order they were sent; any number
 * of questions may be open. An answer that was thrown rejects the question, as a `SluiceError` where it was one; an error that
 * comes back to the thread it is from is the same object again, so that whoever has counted it knows it.
 */
export class Line<Remote extends Doors> {
  private readonly open = new Map<number, { resolve: (answer: unknown) => void; reject: (error: unknown) => void }>();
  private readonly abroad = new Map<number, unknown>();
  /** The number that an error from the other end had there. */
  private readonly foreign = new WeakMap<object, number>();
  private asked = 0;
  private thrown = 0;
  private ended: SluiceError | undefined;

  constructor(
    private readonly doors: Doors,
    private readonly post: (message: unknown, transfer: readonly Transferable[]) => void,
  ) {}

  /** Rejects with what the other end threw, or with the error that {@link end} was given. */
  ask<Name extends keyof Remote & string>(
    door: Name,
    question: QuestionAt<Remote, Name>,
    transfer: readonly Transferable[] = [],
  ): Promise<AnswerAt<Remote, Name>> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.send({ kind: 'ask', id, door, question }, transfer);
    });
  }

  tell<Name extends keyof Remote & string>(door: Name, question: QuestionAt<Remote, Name>): void {
    if (!this.ended) this.send({ kind: 'tell', door, question });
  }

  /** Takes a message from the other end. What a door throws at a telling is thrown here. */
  hear(given: unknown): void {
    const message = given as Message;
    switch (message.kind) {
      case 'tell':
        this.door(message.door)(message.question as never);
        return;
      case 'ask':
        void this.respond(message.id, message.door, message.question);
        return;
      case 'answer':
        this.settle(message.id)?.resolve(message.answer);
        return;
      case 'failed':
        this.settle(message.id)?.reject(this.arrived(message.error));
    }
  }

  /** Rejects whatever is open and comes later. */
  end(error: SluiceError): void {
    this.ended ??= error;
    for (const { reject } of this.open.values()) reject(error);
    this.open.clear();
  }

  private async respond(id: number, name: string, question: unknown): Promise<void> {
    try {
      const answer = await this.door(name)(question as never);
      if (answer instanceof Transferred) this.send({ kind: 'answer', id, answer: answer.response }, answer.buffers);
      else this.send({ kind: 'answer', id, answer });
    } catch (thrown) {
      this.send({ kind: 'failed', id, error: this.leaving(thrown) });
    }
  }

  private door(name: string): (question: never) => unknown {
    const door = this.doors[name];
    if (!door) throw new SluiceError('bug', { why: `there is no door ${name} between the threads` });
    return door;
  }

  private send(message: Message, transfer: readonly Transferable[] = []): void {
    if (!this.ended) this.post(message, transfer);
  }

  private settle(id: number): { resolve: (answer: unknown) => void; reject: (error: unknown) => void } | undefined {
    const settled = this.open.get(id);
    this.open.delete(id);
    return settled;
  }

  private leaving(thrown: unknown): TravellingError {
    const home = typeof thrown === 'object' && thrown !== null ? this.foreign.get(thrown) : undefined;
    const number = ++this.thrown;
    this.abroad.set(number, thrown);
    this.abroad.delete(number - MOST_ABROAD);
    return { image: imageOf(thrown), number, ...(home === undefined ? {} : { home }) };
  }

  private arrived({ image, number, home }: TravellingError): unknown {
    if (home !== undefined && this.abroad.has(home)) return this.abroad.get(home);
    const error = errorOf(image);
    this.foreign.set(error, number);
    return error;
  }
}
