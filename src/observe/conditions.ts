/** What can keep a running instance from doing its work. */
interface Condition {
  /** What is the matter, one sentence. */
  readonly means: string;
  /**
   * True when a restart of the process may cure it. Then it raises an alarm once it has lasted, and `/live` is red; what
   * lies outside of the process turns `/ready` red alone, since restarting would only add to the trouble.
   */
  readonly isCuredByRestart: boolean;
}

/** The conditions by code. One that concerns a partition carries its number: `partition-3`. */
export const CONDITIONS = {
  partition: { means: 'A partition failed and is being restored, or cannot be opened.', isCuredByRestart: true },
  stuck: { means: 'A partition has given no sign of life.', isCuredByRestart: true },
  'consumer-group': { means: 'The membership in the consumer group fails or is silent.', isCuredByRestart: true },
  fetch: { means: 'The fetches from the brokers fail or are silent.', isCuredByRestart: true },
  repartition: {
    means: 'The step that places messages by session fails, and is begun again.',
    isCuredByRestart: true,
  },
  'log-unreachable': {
    means: 'The log (brokers or store) does not answer a plain question for its end offsets.',
    isCuredByRestart: false,
  },
  encoder: { means: 'The encoder server does not answer, and texts wait for it.', isCuredByRestart: false },
  'inputs-differ': {
    means:
      'An input topic has got further partitions that are not read yet, because the other input (or, with topics.create off, the checkpoints topic) has fewer.',
    isCuredByRestart: false,
  },
  'nothing-released': {
    means: 'Events of a partition wait for their turn, and its watermark has not moved for longer than it ever should.',
    isCuredByRestart: false,
  },
  'no-champion': {
    means: 'A champion was promoted, and its snapshot is refused: samples are scored without a model.',
    isCuredByRestart: false,
  },
} as const satisfies Record<string, Condition>;

export type ConditionCode = keyof typeof CONDITIONS;

/** A condition as it stands in the way: of the instance, or of one of its partitions. */
export type Impediment = ConditionCode | `${ConditionCode}-${number}`;

/** The condition behind an impediment. */
export function conditionOf(impediment: Impediment): Condition {
  return CONDITIONS[impediment.replace(/-\d+$/, '') as ConditionCode];
}
