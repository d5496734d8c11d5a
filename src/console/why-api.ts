/** `GET /api/why?id=`: what became of everything that an id names. */
export interface WhyView {
  readonly id: string;
  /** One each impression or interaction, in the order of the topics. */
  readonly fates: readonly { readonly head: string; readonly sentences: readonly string[] }[];
  /** Instead, where nothing of that id was found. */
  readonly never: readonly string[];
}
