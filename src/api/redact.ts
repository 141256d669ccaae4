/** The shapes of our own tokens, credentials inside an address or header, and what follows a telling name (security TOK-9). */
const SECRETS = [
  /\b(?:gl[a-z]{2,6}-|teas-|GR1348941)[\w-]{8,}/gi,
  /(?<=:\/\/)[^/\s@]+:[^/\s@]+(?=@)/g,
  /(?<=\b(?:bearer|basic) )[\w.~+/=-]+/gi,
  /(?<=(?:token|password|secret|value|cookie)["']?[:=] ?")(?:[^"\\]|\\.)+/gi,
  /(?<=(?:token|password|secret|value|cookie)["']?[:=] ?'?)[^&\s"',}[]+/gi,
];

/** Characters of a text for the log; what is longer is cut. */
const MAX_LENGTH = 16_384;

/** A text for the server's log without the secrets it may carry. */
export function redact(text: string): string {
  return SECRETS.reduce((rest, shape) => rest.replace(shape, '[FILTERED]'), text.slice(0, MAX_LENGTH));
}
