/** What an address answers. */
export interface HttpContent {
  /** Default 200. */
  readonly status?: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}
