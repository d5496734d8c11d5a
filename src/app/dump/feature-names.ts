import { EXTERNAL, manifestsOf, readCatalogue } from '../../snapshot/index.js';
import { SluiceError } from '../../errors.js';
import { describeFeatures } from '../describe.js';
import { withRecordedEncoder } from '../encoder-choice.js';
import type { DumpSource } from './records.js';

/** Names of the numbers of `features`, by feature set: of the config's own, and of every one that a snapshot was fitted on. */
export class FeatureNames {
  private readonly known = new Map<string, ReadonlyMap<string, number>>();
  private readSnapshots = false;

  private constructor(
    private readonly source: DumpSource,
    /** The feature set that the config gives. */
    readonly ownId: string,
    own: readonly string[],
  ) {
    this.known.set(ownId, placesOf(own));
  }

  static async of(source: DumpSource): Promise<FeatureNames> {
    const { featureSetId, columns } = await describeFeatures(
      await withRecordedEncoder(source.config, source.transport),
    );
    return new FeatureNames(
      source,
      featureSetId,
      columns.map(({ name }) => name),
    );
  }

  /** Makes a set known. @throws feature-set-unknown when neither config nor a snapshot says its columns */
  async learn(featureSetId: string): Promise<void> {
    if (this.known.has(featureSetId)) return;
    if (!this.readSnapshots) {
      this.readSnapshots = true;
      // A model that was brought may read some of the columns only.
      for (const { featureSetId: id, columns, learner } of manifestsOf(await readCatalogue(this.source.transport)))
        if (learner !== EXTERNAL && !this.known.has(id)) this.known.set(id, placesOf(columns));
    }
    if (!this.known.has(featureSetId)) throw new SluiceError('feature-set-unknown', { featureSetId, own: this.ownId });
  }

  isKnown(featureSetId: string): boolean {
    return this.known.has(featureSetId);
  }

  /** The place of each column of a known set, by name. */
  places(featureSetId: string): ReadonlyMap<string, number> {
    return this.known.get(featureSetId) ?? new Map<string, number>();
  }
}

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]));
}
