import type { Right } from '../../adapters/kafka/index.js';
import type { Config } from '../../config/schema.js';

/** The command that grants something to the user of the config; where nobody can know the user, NAME stands for it. */
function grant({ transport }: Config, words: string): string {
  const user = transport.sasl?.username ?? 'NAME';
  return `kafka-acls.sh --bootstrap-server ${transport.brokers[0]!} --add --allow-principal User:${user} ${words}`;
}

export function grantTopic(config: Config, topic: string, rights: readonly Right[]): string {
  return grant(config, `${rights.map((right) => `--operation ${right} `).join('')}--topic ${topic}`);
}

export function grantGroup(config: Config, group: string): string {
  return grant(config, `--operation Read --group ${group}`);
}

export function grantTransactions(config: Config, prefix: string): string {
  return grant(config, `--operation Write --transactional-id ${prefix} --resource-pattern-type prefixed`);
}
