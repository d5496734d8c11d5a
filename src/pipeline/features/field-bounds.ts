/** Fields beyond these are carried but not counted: state stays bounded whatever a producer sends. */
export const MOST_CONTEXT_FIELDS = 16;
export const MOST_ATTRIBUTES = 16;
