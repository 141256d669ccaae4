/** Shapes of our own secrets, and of credentials inside an address (security TOK-9). */
const SECRETS =
  /\bgl[a-z]{2,6}-[\w-]{8,}|(?<=:\/\/)[^/\s@]+:[^/\s@]+(?=@)|(?<=\b(?:token|password|secret)=)[^&\s"']+/gi;

/** A text for the server's log without the secrets it may carry. */
export function redact(text: string): string {
  return text.replace(SECRETS, '[FILTERED]');
}
