const MASK = '[MASKED]';

/** `text` with every masked value in it hidden, its length kept (rest-resources 8). */
export function maskText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, hide(secret)), text);
}

function hide(secret: string): string {
  return MASK + 'x'.repeat(Math.max(0, secret.length - MASK.length));
}
