import { useEffect, useState } from 'preact/hooks';
import { query, setQuery } from '../router.ts';

/** How long somebody may pause while typing before a filter acts, milliseconds. */
const TYPING_MS = 200;

/** A text field whose value is a parameter of the address: what is typed, and how it is changed. */
export function useQueryField(name: string): [text: string, type: (text: string) => void] {
  const stored = query.value.get(name) ?? '';
  const [text, setText] = useState(stored);
  useEffect(() => setText(stored), [stored]);
  useEffect(() => {
    if (text === stored) return;
    const timer = setTimeout(() => setQuery({ [name]: text, page: null, cursor: null }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}
