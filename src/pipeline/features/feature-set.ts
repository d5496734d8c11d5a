import type { Config } from '../../config/schema.js';
import { leastExamination } from '../../events/examination.js';
import { goalsText } from '../../events/goals.js';
import { isOwnName } from '../../events/own-name.js';
import type { Column } from './columns.js';
import { keptColumns } from './kept-columns.js';

/** The declared feature set and the id under which models and samples name it. */
export interface FeatureSet {
  readonly featureSetId: string;
  readonly columns: readonly Column[];
}

/** Raised when a column's computation changes while its name stays. */
const COMPUTATION = 1;

/**
 * Names the feature set. The id changes with the columns and with every setting that changes a value (half-lives,
 * smoothing, device field, whose events are counted, goal, encoder, declared features and state, the plugins that these take
 * columns from), with what counts as seen, since a model of what was seen is none of what was shown, and with nothing else.
 * @param digest hex digest of a text, e.g. SHA-256
 */
export function featureSetOf(
  config: Pick<Config, 'features' | 'label' | 'plugins'>,
  encoderId: string,
  digest: (text: string) => string,
): FeatureSet {
  const { shortHalfLifeMs, longHalfLifeMs, smoothing, deviceField } = config.features;
  const columns = keptColumns(config.features).map(({ name, unit, meaning }) => ({ name, unit, meaning }));
  const examination = leastExamination(config.label);
  const facts = [
    COMPUTATION,
    columns.map(({ name }) => name),
    shortHalfLifeMs,
    longHalfLifeMs,
    smoothing,
    deviceField,
    goalsText(config.label),
    encoderId,
    ...(Object.keys(examination).length > 0 ? [{ examination }] : []),
    ...(config.features.declared.length > 0 ? [config.features.declared] : []),
    ...(config.features.declared.some(({ from }) => isOwnName(from))
      ? [{ plugins: config.plugins.map(({ sha256 }) => sha256) }]
      : []),
    // A partition's own counts are a fraction of those of all.
    ...(config.features.counters === 'shared' ? [{ counters: 'shared' }] : []),
    ...(config.features.state.length > 0 ? [{ state: config.features.state }] : []),
    ...(config.features.text.taste ? [{ tasteHalfLifeMs: config.features.text.tasteHalfLifeMs }] : []),
  ];
  return { featureSetId: `fs-${digest(JSON.stringify(facts)).slice(0, 12)}`, columns };
}
