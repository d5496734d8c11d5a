import { SluiceError } from '../../errors.js';
import type { Decree } from '../order/decree.js';
import { settingsAt } from '../order/forced-advances.js';
import type { ReorderStart } from '../order/reorder.js';
import type { Progress } from '../progress/progress.js';
import { refusalsOf, type ClassOf, type AdmissionSettings, type NamedSettings } from './admission.js';

/**
 * The settings that a partition's input was read under, and those of now. State is a function of the input and of the
 * settings under which each part of it was read: a re-read takes each part under its own.
 */
export class SettingsHistory {
  /** Settings before the first recorded switch. */
  private readonly base: string;
  /** Settings at the end of what was committed. */
  readonly last: string;

  constructor(
    private readonly now: NamedSettings,
    private readonly known: ReadonlyMap<string, AdmissionSettings>,
    private readonly forced: readonly Decree[],
    progress: Pick<Progress, 'settings'>,
    private readonly partition: number,
  ) {
    this.base = progress.settings ?? now.id;
    const switched = forced.filter((decree) => 'settings' in decree);
    this.last = switched.at(-1)?.settings ?? this.base;
  }

  /** True when this start brings other settings than the last one had. */
  get isChanged(): boolean {
    return this.last !== this.now.id;
  }

  /** @throws key-changed, settings-changed when the input cannot go on under the settings of now */
  check(classOf: ClassOf, replacedKey: string): void {
    if (!this.isChanged) return;
    const [refusal] = refusalsOf(this.settings(this.last), this.now.settings, classOf, replacedKey);
    if (refusal) throw refusal;
  }

  /** True when people had other pseudonyms under some settings than now. */
  isOfAnotherKey(id: string): boolean {
    return this.settings(id).keyId !== this.now.settings.keyId;
  }

  /** Settings at the beginning of a re-read: of the first message, and of the restored state. */
  at(start: Pick<ReorderStart, 'offsets' | 'readTo'>): { readonly admission: string; readonly state: string } {
    return settingsAt(this.base, this.forced, start);
  }

  /** Settings by id. @throws settings-lost */
  settings(id: string): AdmissionSettings {
    const found = id === this.now.id ? this.now.settings : this.known.get(id);
    if (!found) throw new SluiceError('settings-lost', { id, partition: this.partition });
    return found;
  }
}
