export { checkChoice } from './check-choice.js';
export { loadOwnCode, pluginChoiceOf, type OwnCode, type PluginChoice } from './own-code.js';
export { ownRules } from './own-rules.js';
export { ownValues } from './own-values.js';
