import type { Config } from '../config/schema.js';
import type { OwnName } from '../events/own-name.js';
import { OwnRules } from '../pipeline/clean/own-rules.js';
import type { Logger } from '../ports/logger.js';
import type { OwnCode } from './own-code.js';

/** The rules that a config names, for whoever admits messages; undefined: none. The first thing that each throws is logged. */
export function ownRules(
  { quality }: Pick<Config, 'quality'>,
  { rules }: Pick<OwnCode, 'rules'>,
  logger: Logger,
): OwnRules | undefined {
  if (quality.own.length === 0) return undefined;
  const told = new Set<OwnName>();
  const named = quality.own as readonly OwnName[];
  return new OwnRules(new Map(named.map((name) => [name, rules.get(name)!])), (rule, why) => {
    if (told.has(rule)) return;
    told.add(rule);
    logger.warn('a rule of a plugin failed: it refuses nothing then, and is counted as failed', { rule, why });
  });
}
