/** Name of a part of a plugin, as options give it. */
export type OwnName = `own:${string}`;

const PREFIX = 'own:';

/** True for the name of a part of a plugin. */
export function isOwnName(name: string): name is OwnName {
  return name.startsWith(PREFIX);
}

/** The name of a part as options give it. */
export function ownName(name: string): OwnName {
  return `${PREFIX}${name}`;
}
