/** Compiles a regular expression, by Unicode where its escapes allow it. Throws SyntaxError. */
export function compileRegex(source: string, flags = ''): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    return new RegExp(source, flags);
  }
}
