import type { Command } from 'commander';
import type { Codecs } from '../adapters/avro/index.js';
import type { Transport } from '../ports/transport.js';
import { type Settled, settle } from './config-options.js';
import type { Shell } from './shell.js';

/** What a verb that reads or writes topics works with. */
export interface Connected extends Settled {
  readonly transport: Transport;
  readonly codecs: Codecs;
}

/** Opens the config's transport for one action and closes it however the action ends. */
export async function withTransport<T>(
  shell: Shell,
  command: Command,
  action: (connected: Connected) => Promise<T>,
): Promise<T> {
  const settled = settle(shell, command);
  const { openCodecs, openTransport } = await import('../app/wire.js');
  const deps = { logger: settled.logger, clock: shell.clock };
  const transport = openTransport(settled.config, deps);
  try {
    await transport.prepare();
    return await action({ ...settled, transport, codecs: openCodecs(settled.config, deps) });
  } finally {
    await transport.close();
  }
}
