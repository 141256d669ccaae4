import { RE2JS } from 're2js';
import { refuse } from '../errors.ts';

/** `^x` begins with, `x$` ends with, else contains, in any case; `regex` in linear time. Throws `Refused`. */
export function matcherOf(search = '', regex = ''): (name: string) => boolean {
  if (regex !== '') {
    try {
      const pattern = RE2JS.compile(regex);
      return (name) => pattern.matcher(name).find();
    } catch {
      throw refuse.badRequestText('Regex is invalid');
    }
  }
  const text = search.toLowerCase();
  if (text.startsWith('^')) return (name) => name.toLowerCase().startsWith(text.slice(1));
  if (text.endsWith('$')) return (name) => name.toLowerCase().endsWith(text.slice(0, -1));
  return (name) => name.toLowerCase().includes(text);
}
