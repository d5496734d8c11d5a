export { simulate, type SimulatedEvent, type TrafficOptions } from './traffic.js';
export { disturb, type Arrival, type Disturbance } from './disturb.js';
export { simulateToFiles, type SimulateToFilesOptions, type SimulationSummary } from './simulate-to-files.js';
export { liveTraffic, type LiveTrafficOptions } from './live-traffic.js';
export { CeilingGauge, type Ceiling, type Ceilings } from './bayes.js';
export type { Language } from './words.js';
