import { type Command, Option } from 'commander';
import { createLogger, type LeveledLogger } from '../adapters/pino/index.js';
import { requireConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import type { Shell } from './shell.js';

/** Flags of every verb that reads a config. */
export interface ConfigFlags {
  readonly config?: string;
  readonly set: readonly string[];
}

/** Adds `--config` and `--set`. */
export function withConfigOptions(command: Command): Command {
  return command
    .option('--config <file>', 'config file (YAML); without one: defaults and SLUICE_… variables')
    .addOption(
      new Option('--set <path=value>', 'set one option, e.g. selection.budget=0.05; may be repeated')
        .argParser((value: string, previous: string[]) => [...previous, value])
        .default([], 'none'),
    );
}

/** A config that is valid, and the logger it asks for. Warnings about it go to stderr. */
export interface Settled {
  readonly config: Config;
  readonly logger: LeveledLogger;
}

/**
 * Loads the config of a verb.
 * @param onWarning told of what is doubtful in it; default: stderr
 * @param command its parents' flags count too, `--log-level` above all
 * @throws SluiceError `config-invalid` with every problem, `file-unreadable`
 */
export function settle(shell: Shell, command: Command, onWarning = shell.say): Settled {
  const config = requireConfig(configSources(shell, command), onWarning);
  return { config, logger: createLogger({ level: config.log.level, format: config.log.format }) };
}

/** Where the config of a verb comes from: its flags, with `--log-level` as the last `--set`. */
export function configSources(shell: Shell, command: Command): Parameters<typeof requireConfig>[0] {
  const flags = command.optsWithGlobals<ConfigFlags & { logLevel?: string }>();
  const sets = flags.logLevel === undefined ? flags.set : [...flags.set, `log.level=${flags.logLevel}`];
  return { env: shell.env, sets, ...(flags.config === undefined ? {} : { file: flags.config }) };
}
