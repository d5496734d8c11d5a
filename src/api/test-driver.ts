import type { TestDriver, TestDriverOptions } from './driver.js';

/** Makes a driver: the whole pipeline in memory, without broker, files, network or encoder. Nothing has to be closed. */
export function testDriver(options: TestDriverOptions = {}): TestDriver {
  return {
    async run(events) {
      // Loaded when asked for: a plugin imports this module, too, in each thread.
      const { drive } = await import('./drive.js');
      return drive(options, events);
    },
  };
}
