import { defer, NEVER, of, Subject, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { inTurn, Turns } from '../../src/stream/turns.js';

/** Streams by name that ask for their turn, each over at the value `over`. */
class Streams {
  readonly stop = new AbortController();
  readonly begun: string[] = [];
  readonly ended: string[] = [];
  readonly values: string[] = [];
  private readonly sources = new Map<string, Subject<string>>();

  constructor(readonly turns: Turns) {}

  begin(name: string): Subscription {
    const source = new Subject<string>();
    this.sources.set(name, source);
    const begins$ = defer(() => {
      this.begun.push(name);
      return source;
    });
    return begins$.pipe(inTurn(this.turns, this.stop.signal, (value) => value === 'over')).subscribe({
      next: (value) => this.values.push(value),
      complete: () => this.ended.push(name),
      error: () => this.ended.push(`${name} failed`),
    });
  }

  of(name: string): Subject<string> {
    return this.sources.get(name)!;
  }
}

describe('streams in turn', () => {
  it('begin as many at a time as there are turns, in the order they asked', () => {
    const streams = new Streams(new Turns(2));
    for (const name of ['a', 'b', 'c', 'd']) streams.begin(name);
    expect(streams.begun).toEqual(['a', 'b']);
    streams.of('b').next('step');
    expect(streams.begun).toEqual(['a', 'b']);
    streams.of('b').next('over');
    expect(streams.begun).toEqual(['a', 'b', 'c']);
    streams.of('b').next('later');
    expect(streams.values).toEqual(['step', 'over', 'later']);
  });

  it('are fewer until the first of them is over, and after a rest', () => {
    const streams = new Streams(new Turns(2, 1));
    for (const name of ['a', 'b', 'c', 'd']) streams.begin(name);
    expect(streams.begun).toEqual(['a']);
    streams.of('a').next('over');
    expect(streams.begun).toEqual(['a', 'b', 'c']);
    for (const name of ['b', 'c', 'd']) streams.of(name).next('over');
    for (const name of ['e', 'f']) streams.begin(name);
    expect(streams.begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('give their turn back once, however they end', () => {
    const streams = new Streams(new Turns(1));
    for (const name of ['a', 'b', 'c', 'd', 'e']) streams.begin(name);
    streams.of('a').next('over');
    streams.of('a').next('over');
    streams.of('a').complete();
    expect(streams.begun).toEqual(['a', 'b']);
    streams.of('b').complete();
    expect(streams.begun).toEqual(['a', 'b', 'c']);
    streams.of('c').error(new Error('c'));
    expect(streams.begun).toEqual(['a', 'b', 'c', 'd']);
    expect(streams.ended).toEqual(['a', 'b', 'c failed']);
  });

  it('give up their wish, and their turn, when nobody wants them any more', () => {
    const streams = new Streams(new Turns(1));
    const [first, second] = [streams.begin('a'), streams.begin('b')];
    streams.begin('c');
    second.unsubscribe();
    first.unsubscribe();
    expect(streams.begun).toEqual(['a', 'c']);
  });

  it('complete on the abort while they wait, and go on when they have begun', () => {
    const streams = new Streams(new Turns(1));
    for (const name of ['a', 'b']) streams.begin(name);
    streams.stop.abort();
    expect(streams.ended).toEqual(['b']);
    streams.of('a').next('drained');
    streams.of('a').complete();
    expect(streams.values).toEqual(['drained']);
    expect(streams.begun).toEqual(['a']);
  });

  it('may be over at once', () => {
    const turns = new Turns(1);
    const values: number[] = [];
    for (const n of [1, 2, 3])
      of(n)
        .pipe(inTurn(turns, new AbortController().signal, () => true))
        .subscribe((value) => values.push(value));
    expect(values).toEqual([1, 2, 3]);
  });

  it('are at rest when nobody has a turn or waits for one', async () => {
    const turns = new Turns(1);
    await turns.atRest();
    const order: string[] = [];
    const ends = ['a', 'b'].map((name) => turns.ask(() => order.push(name)));
    const rest = turns.atRest().then(() => order.push('rest'));
    ends[0]!();
    await Promise.resolve();
    expect(order).toEqual(['a', 'b']);
    ends[1]!();
    await rest;
    expect(order).toEqual(['a', 'b', 'rest']);
    NEVER.pipe(inTurn(turns, new AbortController().signal, () => true))
      .subscribe()
      .unsubscribe();
    await turns.atRest();
  });
});
