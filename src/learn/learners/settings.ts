/** The flat settings of a learner, as they stand in the config under `retrain.<learner>`. */
export type Settings = Readonly<Record<string, number | boolean | string>>;

/** A numeric setting, or its default where the config is silent. */
export function numberOf(settings: Settings, name: string, fallback: number): number {
  const given = settings[name];
  return typeof given === 'number' && Number.isFinite(given) ? given : fallback;
}
