/** One row of an output topic, as `sluice dump` writes it. */
export type OutputRow = Readonly<Record<string, unknown>>;

/** The output topics that are compared, in the order of the table. */
export const COMPARED_TOPICS = ['training', 'audit', 'late', 'dead-letters'] as const;
export type ComparedTopic = (typeof COMPARED_TOPICS)[number];

/** What a topic of two applications has in common, and what not. All counts are rows. */
export interface TopicDifference {
  readonly topic: ComparedTopic;
  readonly expectedCount: number;
  readonly foundCount: number;
  /** In the unbroken one alone. */
  readonly lostCount: number;
  /** In the other alone. */
  readonly extraCount: number;
  /** Rows beyond the first of an id in the other. */
  readonly doubledCount: number;
  /** Same id, another label, feature, probability or any other field. */
  readonly differentCount: number;
  /** Names of the fields that differ anywhere. */
  readonly differentFields: readonly string[];
}

/**
 * Fields that two sound runs need not share: the moment a refit ends decides which snapshot scored a sample, and the time
 * a message was sent belongs to the message.
 */
const MAY_DIFFER: Readonly<Record<ComparedTopic, readonly string[]>> = {
  training: ['prediction', 'snapshotVersion'],
  audit: ['prediction', 'snapshotVersion'],
  late: [],
  'dead-letters': ['id', 'sourceTimeMs'],
};

/** The same where one snapshot scored everything: the models' numbers must agree to the last bit, too. */
export const MAY_DIFFER_UNDER_ONE_MODEL: Readonly<Record<ComparedTopic, readonly string[]>> = {
  training: [],
  audit: [],
  late: [],
  'dead-letters': ['id', 'sourceTimeMs'],
};

/** What names a row: the same event gives the same id in any run. */
const ID_FIELDS: Readonly<Record<ComparedTopic, readonly string[]>> = {
  training: ['sampleId'],
  audit: ['sampleId'],
  late: ['interactionId'],
  'dead-letters': ['sourceTopic', 'sourcePartition', 'sourceOffset', 'itemIndex'],
};

/**
 * Compares a topic of an unbroken application with that of another one, row by row and field by field.
 * @param mayDiffer fields that need not be the same; default: what depends on the moment a refit ends
 */
export function compareTopic(
  topic: ComparedTopic,
  expected: readonly OutputRow[],
  found: readonly OutputRow[],
  mayDiffer: readonly string[] = MAY_DIFFER[topic],
): TopicDifference {
  const left = byId(topic, expected);
  const right = byId(topic, found);
  const fields = new Set<string>();
  let differentCount = 0;
  for (const [id, row] of left) {
    const other = right.get(id);
    if (other === undefined) continue;
    const differing = differingFields(row, other, mayDiffer);
    if (differing.length > 0) differentCount += 1;
    differing.forEach((name) => fields.add(name));
  }
  return {
    topic,
    expectedCount: expected.length,
    foundCount: found.length,
    lostCount: missingFrom(left, right),
    extraCount: missingFrom(right, left),
    doubledCount: found.length - right.size,
    differentCount,
    differentFields: [...fields].sort(),
  };
}

/** True when nothing is lost, extra, doubled or different. */
export function isSame({ lostCount, extraCount, doubledCount, differentCount }: TopicDifference): boolean {
  return lostCount + extraCount + doubledCount + differentCount === 0;
}

/** Paths of the numbers in which two accountings differ. Sums of weights may differ in their last digits. */
export function differingCounts(expected: object, found: object, path = ''): string[] {
  return Object.entries(expected).flatMap(([name, value]: [string, unknown]) => {
    const other = (found as Record<string, unknown>)[name];
    const at = path === '' ? name : `${path}.${name}`;
    if (typeof value === 'object' && value !== null && typeof other === 'object' && other !== null)
      return differingCounts(value, other, at);
    const isClose =
      typeof value === 'number' && typeof other === 'number' && Math.abs(value - other) <= 1e-9 * Math.abs(value);
    return value === other || isClose ? [] : [at];
  });
}

function byId(topic: ComparedTopic, rows: readonly OutputRow[]): Map<string, OutputRow> {
  return new Map(rows.map((row) => [JSON.stringify(ID_FIELDS[topic].map((name) => row[name] ?? null)), row]));
}

function missingFrom(some: ReadonlyMap<string, unknown>, others: ReadonlyMap<string, unknown>): number {
  return [...some.keys()].filter((id) => !others.has(id)).length;
}

function differingFields(row: OutputRow, other: OutputRow, mayDiffer: readonly string[]): string[] {
  const names = new Set([...Object.keys(row), ...Object.keys(other)]);
  return [...names].filter(
    (name) => !mayDiffer.includes(name) && JSON.stringify(row[name]) !== JSON.stringify(other[name]),
  );
}
