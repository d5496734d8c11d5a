/** Uniform numbers in [0, 1). Seeded everywhere except where unpredictability is the point. */
export type Random = () => number;
