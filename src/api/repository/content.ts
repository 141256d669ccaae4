/** Bytes of a file as a client sends them: text, or base64. */
export function contentOf(content: string | undefined, encoding: string | undefined): Buffer | undefined {
  if (content === undefined) return undefined;
  return Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
}
