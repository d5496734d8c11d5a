import { logLevel, type LogEntry, type logCreator } from 'kafkajs';
import type { Logger } from '../../ports/logger.js';

/**
 * Maps kafkajs's log entries to ours. kafkajs logs an ERROR for each answer it retries (coordinators that load, leaders
 * that move, a group that rebalances) and an INFO for each pause, so everything but a crash goes to debug: what cannot be
 * retried comes back as an error and is logged where it is dealt with.
 */
export function kafkaLogCreator(logger: Logger): logCreator {
  return () => (entry) => {
    const { message, timestamp: _, logger: __, stack: ___, ...rest } = entry.log;
    const fields = { kafka: entry.namespace, ...rest };
    if (entry.level === logLevel.ERROR && isCrash(entry)) logger.warn(message, fields);
    else logger.debug(message, fields);
  };
}

const isCrash = (entry: LogEntry): boolean => entry.namespace === 'Consumer' && entry.log.message.startsWith('Crash:');
