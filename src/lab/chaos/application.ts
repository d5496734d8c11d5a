import { writeFileSync } from 'node:fs';
import { createLogger } from '../../adapters/pino/index.js';
import { requireConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Transport } from '../../ports/transport.js';
import type { Accounting } from '../../app/accounting.js';
import { dumpTopic } from '../../app/dump/index.js';
import { openCodecs, openTransport } from '../../app/wire.js';
import type { ChildEnd } from './child.js';
import type { ComparedTopic, OutputRow } from './compare.js';

/** One application under test: its config, and its topics as a committed reader sees them. */
export class ChaosApplication {
  readonly config: Config;

  /** Writes the config file that its runs are started with. @throws SluiceError `config-invalid` */
  constructor(
    readonly file: string,
    yaml: string,
    private readonly clock: Clock,
    say: (text: string) => void,
  ) {
    writeFileSync(file, yaml);
    this.config = requireConfig({ file, env: {}, sets: [] }, say);
  }

  /** Every row of an output topic. Names of topics are given without their prefix, which is the application's own. */
  rows(topic: ComparedTopic): Promise<OutputRow[]> {
    const { config } = this;
    return this.withTransport(async (transport) => {
      let text = '';
      await dumpTopic({ transport, codecs: openCodecs(config, this.deps), config }, topic, 'ndjson', (part) => {
        text += part;
        return Promise.resolve();
      });
      const lines = text === '' ? [] : text.trimEnd().split('\n');
      return lines.map((line) => this.withoutPrefix(JSON.parse(line) as OutputRow));
    });
  }

  async withTransport<T>(action: (transport: Transport) => Promise<T>): Promise<T> {
    const transport = openTransport(this.config, this.deps);
    try {
      await transport.prepare();
      return await action(transport);
    } finally {
      await transport.close();
    }
  }

  private withoutPrefix(row: OutputRow): OutputRow {
    const { prefix } = this.config.topics;
    const { sourceTopic } = row;
    const isOurs = typeof sourceTopic === 'string' && sourceTopic.startsWith(prefix);
    return isOurs ? { ...row, sourceTopic: sourceTopic.slice(prefix.length) } : row;
  }

  private get deps() {
    return { logger: createLogger(this.config.log), clock: this.clock };
  }
}

/** The accounting of a run that ended well; undefined when we were asked to stop. @throws SluiceError `child-failed` */
export function accountingOfEnd(
  { status, lastLine, lastWords }: ChildEnd,
  signal: AbortSignal,
): Accounting | undefined {
  if (signal.aborted) return undefined;
  if (status !== 0) throw new SluiceError('child-failed', { status: status ?? 'signal', why: lastWords });
  return JSON.parse(lastLine) as Accounting;
}
