import { CROSS_CHECKS } from '../../config/cross-checks.js';
import { configJsonSchema, listOptions, type Option } from '../../config/options.js';
import { code, GENERATED, markdownTable, type Page } from './page.js';

/** `docs/reference/configuration.md`: every option with type, default, environment name and what it trades. */
export function configurationPage(): Page {
  const options = listOptions();
  const sections = [...new Set(options.map((option) => sectionOf(option)))];
  const parts = sections.map((section) => {
    const rows = options.filter((option) => sectionOf(option) === section).map((option) => rowOf(option, options));
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

*For whoever sets an option.* A config is a YAML file of sections; every option has a default, so an empty file is a config. Three layers, the later one wins:

1. the file (\`--config sluice.yaml\`);
2. the environment: \`SLUICE_\` and the path in upper snake case, e.g. \`SLUICE_SELECTION_BUDGET=0.05\`, \`SLUICE_JOIN_ATTRIBUTION_WINDOW_MS=600000\`. An empty variable counts as unset;
3. flags: \`--set selection.budget=0.05\`, as often as needed.

In variables and flags, items of a list are separated by commas (\`--set features.omit=price,hourSin\`); a map is \`key=value,key=value\`, or one key at a time (\`--set topics.names.audit=my.audit\`). \`sluice lint --config FILE\` lists every problem at once. Editors check the file as you type by [config.schema.json](config.schema.json): put \`# yaml-language-server: $schema=./docs/reference/config.schema.json\` on its first line. A commented example for Kafka: [examples/sluice.yaml](../examples/sluice.yaml).

Names end in their unit: \`Ms\` is milliseconds, \`Bytes\` bytes, \`Fraction\` 0 to 1. Words are explained in the [glossary](glossary.md).`;

const CHECKS = `## Checks between options

\`sluice lint\` and every start also look at options together. An error refuses the config; a warning is written and the run goes on.`;

function sectionOf(option: Option): string {
  return option.path.includes('.') ? option.path.slice(0, option.path.indexOf('.')) : 'top level';
}

/** A row of the table; what another option before it says in the same words is said by its name. */
function rowOf(option: Option, options: readonly Option[]): string[] {
  const value = option.default === undefined ? 'none' : code(JSON.stringify(option.default));
  const first = options.find(({ describe }) => describe === option.describe) ?? option;
  const text = first === option ? option.describe : `As ${code(first.path)}.`;
  return [code(option.path), option.expectation, value, text];
}
