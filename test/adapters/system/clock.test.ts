import { systemClock } from '../../../src/adapters/system/index.js';
import { clockLaws } from '../../laws/clock-laws.js';

clockLaws('system', () => ({
  clock: systemClock,
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));
