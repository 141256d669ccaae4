/** Texts by name. */
export type Texts = Readonly<Record<string, string>>;

const PLACE = /\{([a-zA-Z]\w*)\}/g;

/** The URL to send to: `{name}` is replaced by the variable of that name. Null when one is missing. */
export function filledUrl(template: string, variables: Texts): string | null {
  let missing = false;
  const url = template.replace(PLACE, (_, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    missing ||= value === undefined;
    return value ?? '';
  });
  return missing ? null : url;
}

/** The URL as the log shows it: variables stay names, and no password is seen. */
export function shownUrl(template: string): string {
  return template.replace(/^(https?:\/\/)[^/?#@]*@/i, '$1*****@');
}
