import type { InputName } from './transport.js';

/** How one stage went in a unit of work; of embed and join, all parts of it together. */
export interface StageTrace {
  readonly stage: string;
  /** Wall time, epoch ms with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  /** Without the pauses between its parts. */
  readonly busyMs: number;
  readonly parts: number;
  readonly in: number;
  readonly out: number;
  readonly refused: number;
}

/** What of an input came with a unit of work. */
export interface InputTrace {
  readonly records: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** One unit of work, from its first stage to its commit or its failure. */
export interface UnitTrace {
  readonly partition: number;
  /** Code of the error that ended it; null: it was committed. */
  readonly error: string | null;
  /** In order; the last one is that which failed, if any did. */
  readonly stages: readonly StageTrace[];
  /** Of the inputs that brought something. */
  readonly inputs: Readonly<Partial<Record<InputName, InputTrace>>>;
  /** Distinct `traceparent` headers (W3C trace context) of its messages, the first of them. */
  readonly parents: readonly string[];
}

/** Takes what became of units of work, for whoever follows them from outside. */
export interface Traces {
  unit(unit: UnitTrace): void;
}
