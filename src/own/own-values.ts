import type { OwnName } from '../events/own-name.js';
import type { OwnValues } from '../pipeline/clean/declared.js';
import type { Logger } from '../ports/logger.js';
import type { OwnCode } from './own-code.js';

/** The columns of plugins for whoever reads declared features; the first thing that each throws is logged. */
export function ownValues({ values }: Pick<OwnCode, 'values'>, logger: Logger): OwnValues {
  const told = new Set<OwnName>();
  return {
    values,
    failed(name, why) {
      if (told.has(name)) return;
      told.add(name);
      logger.warn('a column of a plugin threw: its value is missing, and counted as failed', { column: name, why });
    },
  };
}
