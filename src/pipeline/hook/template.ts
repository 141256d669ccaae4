/**
 * The body of a hook with a template of its own: `{{a.b}}` becomes the value at that path of the payload, texts inserted as
 * they are inside quotes (rest-resources 10.2). Null when the result is not JSON.
 */
export function renderTemplate(template: string, payload: unknown): string | null {
  const text = template.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, path: string) => {
    const value = valueAt(payload, path.split('.'));
    if (value === undefined || value === null) return '';
    // Inside the quotes of a JSON text; a bare object stands for itself.
    return typeof value === 'object' ? JSON.stringify(value) : JSON.stringify(String(value)).slice(1, -1);
  });
  try {
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at: unknown = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}
