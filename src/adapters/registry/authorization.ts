/** The `Authorization` header of `user:password`; undefined for no or empty credentials. */
export function basicAuthorization(credentials: string | undefined): string | undefined {
  return credentials ? `Basic ${Buffer.from(credentials).toString('base64')}` : undefined;
}
