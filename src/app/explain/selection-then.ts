import { configSchema, type Config } from '../../config/schema.js';
import { namedSelection, type NamedSelection, type SelectionSettings } from '../../pipeline/settings/selection.js';
import { readSelections } from '../../pipeline/settings/shelf.js';
import type { Transport } from '../../ports/transport.js';

/** What a sample was selected under. */
export interface SelectionThen {
  /** null: the sample is of a release that gave none. */
  readonly id: string | null;
  /** null: nobody has recorded that id. */
  readonly settings: SelectionSettings | null;
  /** Whether the coin is thrown with the same salt now; null: not known. */
  readonly isSaltOfNow: boolean | null;
  /** The config with those settings in it, but the salt; as it is where they are not known. */
  readonly config: Config;
}

/** Finds selection settings by the ids on samples: those of now in the config, others where they were recorded. */
export class SelectionsThen {
  private recorded: Promise<ReadonlyMap<string, { readonly settings: SelectionSettings }>> | undefined;
  private readonly known = new Map<string | null, SelectionThen>();
  private readonly now: NamedSelection;

  constructor(
    private readonly config: Config,
    private readonly transport: Pick<Transport, 'reader'>,
  ) {
    this.now = namedSelection(config);
  }

  async of(id: string | null): Promise<SelectionThen> {
    const known = this.known.get(id) ?? (await this.look(id));
    this.known.set(id, known);
    return known;
  }

  private async look(id: string | null): Promise<SelectionThen> {
    const { config, now } = this;
    if (id === now.id) return { id, settings: now.settings, isSaltOfNow: true, config };
    const settings = id === null ? undefined : (await this.all()).get(id)?.settings;
    if (!settings) return { id, settings: null, isSaltOfNow: null, config };
    const isSaltOfNow = settings.saltFingerprint === now.settings.saltFingerprint;
    return { id, settings, isSaltOfNow, config: configUnder(config, settings) };
  }

  private all(): NonNullable<typeof this.recorded> {
    return (this.recorded ??= readSelections(this.transport, this.config.application));
  }
}

function configUnder(config: Config, { label, selection, contradicted }: SelectionSettings): Config {
  const { salt, expectedClickRate } = config.selection;
  return {
    ...config,
    label: { ...configSchema.parse({}).label, ...label },
    selection: { ...selection, salt, expectedClickRate },
    quality: { ...config.quality, contradicted },
  };
}
