import type { Problem } from '../config/problem.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { checkChoice, loadOwnCode } from '../own/index.js';

/** What is wrong with the plugins of a config, or with what it names of them; loads them. */
export async function ownProblems(config: Config): Promise<readonly Problem[]> {
  try {
    checkChoice(config, await loadOwnCode(config));
    return [];
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    const files = config.plugins.map(({ file }) => file);
    const expectation = thrown.code === 'config-invalid' ? String(thrown.details['problems']) : thrown.reason;
    const remedies = ['`sluice test --plugin FILE` tries a plugin (docs/how/own-code.md)'];
    return [{ severity: 'error', paths: ['plugins'], values: [files], expectation, remedies, sources: [] }];
  }
}
