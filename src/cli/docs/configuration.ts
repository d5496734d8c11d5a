import { CROSS_CHECKS } from '../../config/cross-checks.js';
import { configJsonSchema, listOptions, type Option } from '../../config/options.js';
import { code, GENERATED, markdownTable, type Page } from './page.js';

/** `docs/reference/configuration.md`: every option with type, default, environment name and what it trades. */
export function configurationPage(): Page {
  const options = listOptions();
  const sections = [...new Set(options.map((option) => sectionOf(option)))];
  const parts = sections.map((section) => {
    const rows = options.filter((option) => sectionOf(option) === section).map(rowOf);
    return `## ${section}\n\n${markdownTable(['option', 'valid', 'default', 'what it does'], rows)}`;
  });
  const checks = CROSS_CHECKS.map((check) => [
    check.severity,
    check.paths.map(code).join(', '),
    check.remedies.join('; or '),
  ]);
  return {
    file: 'reference/configuration.md',
    text: `${INTRODUCTION}\n\n${parts.join('\n\n')}\n\n${CHECKS}\n\n${markdownTable(['severity', 'options', 'ways out'], checks)}\n`,
  };
}

/** `docs/reference/config.schema.json`: for editors that check YAML as it is typed. */
export function configSchemaPage(): Page {
  return { file: 'reference/config.schema.json', text: `${JSON.stringify(configJsonSchema(), null, 2)}\n` };
}

const INTRODUCTION = `# Configuration
${GENERATED}

A config is a YAML file of sections; every option has a default, so an empty file is a config. Three layers, the later one wins:

1. the file (\`--config sluice.yaml\`);
2. the environment: \`SLUICE_\` and the path in upper snake case, e.g. \`SLUICE_SELECTION_BUDGET=0.05\`. An empty variable is as good as none;
3. flags: \`--set selection.budget=0.05\`, as often as needed.

Lists are given by comma (\`--set features.contextFields=country,page\`), maps as \`key=value\` by comma or one key at a time (\`--set topics.names.audit=my.audit\`). \`sluice lint --config FILE\` lists every problem at once. Editors take [config.schema.json](config.schema.json): put \`# yaml-language-server: $schema=./docs/reference/config.schema.json\` on the first line. A commented example for Kafka is [examples/sluice.yaml](../examples/sluice.yaml).

Units are in the names: \`Ms\` milliseconds, \`Bytes\`, \`Fraction\` 0 to 1.`;

const CHECKS = `## Checks between options

\`sluice lint\` and every start also look at options together. An error refuses the config; a warning is written and the run goes on.`;

function sectionOf(option: Option): string {
  return option.path.includes('.') ? option.path.slice(0, option.path.indexOf('.')) : 'top level';
}

function rowOf(option: Option): string[] {
  const value = option.default === undefined ? 'none' : code(JSON.stringify(option.default));
  return [`${code(option.path)}<br>${code(option.environmentName)}`, option.expectation, value, option.describe];
}
