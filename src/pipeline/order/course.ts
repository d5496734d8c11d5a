import type { InputName, InputOffsets } from '../../ports/transport.js';
import type { Admitted } from '../admitted.js';
import type { Messages } from '../messages.js';
import type { Belief, ForcedAdvance } from './decree.js';

/** How far the inputs may be read now. */
export interface Reach {
  /** Offsets to stop before; Infinity for none. */
  readonly before: InputOffsets;
  /** Inputs not to read. */
  readonly held: Readonly<Record<InputName, boolean>>;
  /** True when more may be gathered before it is worked on; absent: what is there is taken. */
  readonly mayGather?: boolean;
}

/**
 * What decides how far to read and when the watermark moves without the input: in life the clocks and what stands behind
 * ({@link ClockCourse}), in a re-read the record of what they decided then ({@link RecordedCourse}).
 */
export interface Course {
  /** True once the end of the input was declared, in life. */
  readonly isEnded: boolean;
  /** Undefined when nothing is to be read now. */
  reach(): Reach | undefined;
  /** Moves the watermark or believes events by decree, when it is time, after a chunk was taken in. @returns what to record */
  advance(chunk: Pick<Messages<Admitted>, 'messages' | 'caughtUp'>): ForcedAdvance | Belief | undefined;
}
