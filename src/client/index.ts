/** What `import … from 'sluice/samples'` gives. */
export { readSamples } from './read-samples.js';
export type { DescribedFeatures, ReadOptions, SampleFormat, Samples } from './samples.js';
